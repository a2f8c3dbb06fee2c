import RefluxBytes
import RefluxFiles

/// The receiving end of a recovery: takes valid blocks and writes them into a new store.
final class StoreSalvage {
  private let source: StoreHeader
  private let tokens: (decoder: TokenDecoderBox, writer: TokenStoreWriter)?
  private let samples: (decoder: SampleDecoderBox, writer: SampleStoreWriter)?
  private var nextBlock = 0

  private final class TokenDecoderBox {
    var decoder: TokenBlockDecoder
    init(_ header: StoreHeader) { decoder = TokenBlockDecoder(header) }
  }

  private final class SampleDecoderBox {
    var decoder: SampleBlockDecoder
    init(_ header: StoreHeader, _ dictionary: RankDictionary?) {
      decoder = SampleBlockDecoder(header, dictionary)
    }
  }

  init(
    _ source: StoreHeader, _ dictionary: RankDictionary?, _ output: String
  ) throws(StoreError) {
    self.source = source
    switch source.kind {
    case .tokens:
      let writer = try TokenStoreWriter(
        path: output, configuration: TokenStoreConfiguration(like: source))
      tokens = (TokenDecoderBox(source), writer)
      samples = nil
    case .samples:
      let writer = try SampleStoreWriter(
        path: output, configuration: SampleStoreConfiguration(like: source, dictionary))
      samples = (SampleDecoderBox(source, dictionary), writer)
      tokens = nil
    }
  }

  /// Appends the records of a block; false, with nothing appended, if one of them breaks a rule.
  func take(_ block: ScannedBlock, _ file: MappedFile) throws(StoreError) -> Bool {
    let fits = try tokens == nil ? takeSamples(block, file) : takeTokens(block, file)
    if fits { nextBlock = block.header.block + 1 }
    return fits
  }

  /// Removes the partial file.
  func discard() {
    tokens?.writer.discard()
    samples?.writer.discard()
  }

  func seal() throws(StoreError) -> StoreSummary {
    if let tokens { return try tokens.writer.seal() }
    guard let samples else { preconditionFailure("a salvage has a writer") }
    return try samples.writer.seal()
  }

  private func takeTokens(
    _ block: ScannedBlock, _ file: MappedFile
  ) throws(StoreError) -> Bool {
    guard let (box, writer) = tokens else { return false }
    do throws(StoreFault) {
      try box.decoder.decode(file, block)
    } catch {
      return false
    }
    let ids = box.decoder.ids
    var starts = box.decoder.documentSlots
    // A document continues from the block before; after a gap it begins anew.
    let goesOn = starts.first != 0
    if goesOn { starts.insert(0, at: 0) }
    for (index, start) in starts.enumerated() {
      let end = index + 1 < starts.count ? starts[index + 1] : ids.count
      let isNew = index > 0 || !goesOn || block.header.block != nextBlock
      try writer.append(ids.span.extracting(start..<end), startingDocument: isNew)
    }
    return true
  }

  private func takeSamples(
    _ block: ScannedBlock, _ file: MappedFile
  ) throws(StoreError) -> Bool {
    guard let (box, writer) = samples else { return false }
    do throws(StoreFault) {
      try box.decoder.decode(file.bytes, offset: block.offset, block.header)
      try box.decoder.checkRules(
        block.header, first: block.header.block * source.recordsPerBlock)
    } catch {
      return false
    }
    let sets = box.decoder.block
    try writer.append(sets, 0..<sets.count, tokensHash: block.header.tokensHash)
    return true
  }
}

extension TokenStoreConfiguration {
  /// What makes a store like the one that `header` describes.
  init(like header: StoreHeader) {
    self.init(vocabularySize: header.vocabularySize, provenance: header.provenance)
    knownVocabulary = header.knownVocabulary
    firstPosition = header.firstPosition
    recordsPerBlock = header.recordsPerBlock
  }
}

extension SampleStoreConfiguration {
  /// What makes a store like the one that `header` describes.
  init(like header: StoreHeader, _ dictionary: RankDictionary?) {
    self.init(
      vocabularySize: header.vocabularySize, capacity: header.capacity, values: header.values,
      provenance: header.provenance)
    knownVocabulary = header.knownVocabulary
    extras = header.extras
    firstPosition = header.firstPosition
    recordsPerBlock = header.recordsPerBlock
    guard let dictionary else { return }
    encoding = .packed
    frequencies = dictionary.frequencies
  }
}
