import RefluxBytes
import RefluxFiles

/// Decodes whole blocks of tokens and checks every rule: for `verify`, `recover` and `resume`,
/// where thoroughness matters more than speed.
struct TokenBlockDecoder: ~Copyable {
  private let header: StoreHeader
  private var columns: TokenColumns
  /// The ids of the block that was decoded last.
  private(set) var ids: [UInt32] = []
  /// The slots of that block at which documents start, ascending.
  private(set) var documentSlots: [Int] = []

  init(_ header: StoreHeader) {
    self.header = header
    columns = TokenColumns(header)
  }

  /// Decodes a checked block into `ids` and `documentSlots`.
  mutating func decode(_ file: MappedFile, _ block: ScannedBlock) throws(StoreFault) {
    let records = block.header.records
    try columns.load(file, block)
    ids = [UInt32](repeating: 0, count: records)
    let largest = columns.widen(0..<records, intoStartOf: &ids)
    let first = block.header.block * header.recordsPerBlock
    if Int(largest) >= header.vocabularySize {
      for (slot, id) in ids.enumerated() where Int(id) >= header.vocabularySize {
        throw .record(first + slot, .id(id, vocabulary: header.vocabularySize))
      }
    }
    documentSlots = readDocuments(from: records * header.recordBytes)
    try checkDocuments(records: records, isFirst: block.header.block == 0)
  }

  private func readDocuments(from start: Int) -> [Int] {
    columns.withBytes { bytes in
      stride(from: start, to: bytes.byteCount, by: 4).map {
        Int(bytes.littleEndianUInt32(at: $0))
      }
    }
  }

  private func checkDocuments(records: Int, isFirst: Bool) throws(StoreFault) {
    var least = 0
    for slot in documentSlots {
      guard slot >= least, slot < records else {
        throw .field(
          "document start", expected: "\(least) or more, below \(records)", found: "\(slot)")
      }
      least = slot + 1
    }
    if isFirst, header.firstPosition == 0, documentSlots.first != 0 {
      throw .field("first document start", expected: "0", found: "another")
    }
  }
}
