import RefluxBytes
import RefluxFiles

/// The receiving end of a recovery: takes valid blocks and writes them into a new store.
struct StoreSalvage: ~Copyable {
  private let header: StoreHeader
  private let writer: StoreFileWriter
  private var tokens: TokenBlockDecoder?
  private var samples: SampleBlockDecoder?
  private var nextBlock = 0

  init(_ source: StoreHeader, _ output: String) throws(StoreError) {
    header = StoreHeader(
      kind: source.kind, fileID: .random(in: 0 ... .max), vocabularySize: source.vocabularySize,
      recordsPerBlock: source.recordsPerBlock, schema: source.schema,
      provenance: source.provenance)
    writer = try StoreFileWriter(path: output, header: header)
    switch source.kind {
    case .tokens: tokens = TokenBlockDecoder(source)
    case .samples: samples = SampleBlockDecoder(source)
    }
  }

  /// Appends the records of a block; false, with nothing appended, if one of them breaks a rule.
  mutating func take(_ block: ScannedBlock, _ file: MappedFile) throws(StoreError) -> Bool {
    let fits =
      header.kind == .tokens
      ? try takeTokens(block, file) : try takeSamples(block, file)
    if fits { nextBlock = block.header.block + 1 }
    return fits
  }

  func seal() throws(StoreError) -> StoreSummary {
    try writer.seal()
  }

  private mutating func takeTokens(
    _ block: ScannedBlock, _ file: MappedFile
  ) throws(StoreError) -> Bool {
    do throws(StoreFault) {
      try tokens?.decode(file, block)
    } catch {
      return false
    }
    let ids = tokens?.ids ?? []
    var starts = tokens?.documentSlots ?? []
    // A document goes on from the block before; after a gap it begins anew.
    let goesOn = starts.first != 0
    if goesOn { starts.insert(0, at: 0) }
    for (index, start) in starts.enumerated() {
      let end = index + 1 < starts.count ? starts[index + 1] : ids.count
      let isNew = index > 0 || !goesOn || block.header.block != nextBlock
      try writer.append(ids: ids.span.extracting(start..<end), startingDocument: isNew)
    }
    return true
  }

  private mutating func takeSamples(
    _ block: ScannedBlock, _ file: MappedFile
  ) throws(StoreError) -> Bool {
    var records: [(ids: [UInt32], values: [UInt32])] = []
    do throws(StoreFault) {
      try samples?.decode(file, block) { ids, values in
        records.append((ids.array, values.array))
      }
    } catch {
      return false
    }
    for record in records { try writer.append(ids: record.ids.span, values: record.values.span) }
    return true
  }
}

extension Span<UInt32> {
  /// A copy of the elements.
  var array: [UInt32] { indices.map { self[$0] } }
}
