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
    var starts = Swift.Set(tokens?.documentSlots ?? [])
    if block.header.block != nextBlock { starts.insert(0) }
    // Safe because a UInt32 has no padding.
    unsafe writer.hash.update(ids.span.bytes)
    for (slot, id) in ids.enumerated() {
      if starts.contains(slot) { writer.startDocument() }
      writer.assembler.store(id, field: 0)
      try writer.endRecord()
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
    for record in records { try writer.append(ids: record.ids, values: record.values) }
    return true
  }
}

extension Span<UInt32> {
  /// A copy of the elements.
  var array: [UInt32] { indices.map { self[$0] } }
}
