import RefluxBytes
import RefluxFiles

/// Decodes whole blocks of tokens and checks every rule; see `SampleBlockDecoder`.
struct TokenBlockDecoder: ~Copyable {
  private let header: StoreHeader
  private var decoder: BlockDecoder
  /// The ids of the block that was decoded last.
  private(set) var ids: [UInt32] = []
  /// The slots of that block at which documents start, ascending.
  private(set) var documentSlots: [Int] = []

  init(_ header: StoreHeader) {
    self.header = header
    decoder = BlockDecoder(header)
  }

  /// Decodes a checked block into `ids` and `documentSlots`.
  mutating func decode(_ file: MappedFile, _ block: ScannedBlock) throws(StoreFault) {
    let records = block.header.records
    try decoder.decode(file.bytes, offset: block.offset, block.header)
    let columns = records * header.recordBytes
    ids = [UInt32](repeating: 0, count: records)
    let largest = decoder.widen(0, into: &ids)
    let first = block.header.block * header.recordsPerBlock
    if Int(largest) >= header.vocabularySize {
      for (slot, id) in ids.enumerated() where Int(id) >= header.vocabularySize {
        throw .record(first + slot, .id(id, vocabulary: header.vocabularySize))
      }
    }
    documentSlots = try documents(from: columns, records: records, isFirst: block.header.block == 0)
  }

  private func documents(
    from columns: Int, records: Int, isFirst: Bool
  ) throws(StoreFault) -> [Int] {
    var slots: [Int] = []
    let payload = decoder.payload
    for offset in stride(from: columns, to: payload.byteCount, by: 4) {
      let slot = Int(payload.littleEndianUInt32(at: offset))
      let least = (slots.last ?? -1) + 1
      guard slot >= least, slot < records else {
        throw .field(
          "document start", expected: "\(least) or more, below \(records)", found: "\(slot)")
      }
      slots.append(slot)
    }
    if isFirst, slots.first != 0 {
      throw .field("first document start", expected: "0", found: "another")
    }
    return slots
  }
}
