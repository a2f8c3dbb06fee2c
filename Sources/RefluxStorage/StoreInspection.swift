import RefluxBytes
import RefluxFiles

/// Everything that a store says about itself, sealed or not; reading it changes nothing.
public struct StoreInspection: Sendable {
  /// The header's fields; its checksum matched.
  public let header: StoreHeader
  /// The version of the store format that the file is written in.
  public let formatVersion: Int
  /// False where the writer did not finish; then only whole blocks are counted.
  public let isSealed: Bool
  /// Positions in the file: tokens, or sample sets.
  public let records: Int
  /// 0 in sample stores and in unsealed files.
  public let documents: Int
  /// Blocks that hold the records.
  public let blocks: Int
  /// Blocks whose payload is compressed with LZ4; the others are stored as they are.
  public let compressedBlocks: Int
  /// The size of the whole file.
  public let fileBytes: Int
  /// The content fingerprint; nil in unsealed files, whose writer alone knows it.
  public let fingerprint: UInt64?

  /// `lz4`, `raw`, or `mixed` where a store has blocks of both.
  public var codec: String {
    if compressedBlocks == 0 { return "raw" }
    return compressedBlocks == blocks ? "lz4" : "mixed"
  }

  /// File bytes per record; 0 for an empty store.
  public var bytesPerRecord: Double {
    records == 0 ? 0 : Double(fileBytes) / Double(records)
  }

  /// Inspects the store at `path`.
  ///
  /// Throws `file`, the cases for files that are no stores, and `damaged` for header, trailer or
  /// index. Cost: one pass over the index; in unsealed files one pass over the blocks.
  public init(path: String) throws(StoreError) {
    let file = try StoreFile.map(path)
    let header = try StoreHeader(file: file.bytes)
    self.header = header
    formatVersion = Int(StoreLimits.version)
    fileBytes = file.count
    do throws(StoreError) {
      let trailer = try StoreTrailer.read(file.bytes, header)
      _ = try StoreIndex(file.bytes, header, trailer)
      isSealed = true
      (records, documents, blocks) = (trailer.records, trailer.documents, trailer.blocks)
      compressedBlocks = trailer.compressedBlocks
      fingerprint = trailer.fingerprint
    } catch .unsealed {
      let count = Self.count(file, header)
      isSealed = false
      (records, documents, blocks) = (count.records, 0, count.blocks)
      compressedBlocks = count.compressed
      fingerprint = nil
    }
  }

  private static func count(
    _ file: MappedFile, _ header: StoreHeader
  ) -> (records: Int, blocks: Int, compressed: Int) {
    var scanner = BlockScanner(file, header)
    var result = (records: 0, blocks: 0, compressed: 0)
    while let block = scanner.next() {
      result.records += block.header.records
      result.blocks += 1
      if block.header.codec == .lz4 { result.compressed += 1 }
    }
    return result
  }
}
