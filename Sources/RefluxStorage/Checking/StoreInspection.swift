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
  /// Blocks that are compressed or packed; the others are stored as they are.
  public let compressedBlocks: Int
  /// The size of the whole file.
  public let fileBytes: Int
  /// The content fingerprint; nil in unsealed files, whose writer alone knows it.
  public let fingerprint: UInt64?

  /// Files that hold the records: more than 1 for a folder.
  public let files: Int

  /// `raw`, `lz4`, or `packed`, or `mixed` where a store also has blocks that are stored as they
  /// are.
  public var codec: String {
    if compressedBlocks == 0 { return "raw" }
    if compressedBlocks < blocks { return "mixed" }
    return header.hasDictionary ? "packed" : "lz4"
  }

  /// File bytes per record; 0 for an empty store.
  public var bytesPerRecord: Double {
    records == 0 ? 0 : Double(fileBytes) / Double(records)
  }

  /// Inspects the store at `path`.
  ///
  /// - Throws: `file`, the cases for files that are no stores, `damaged` for header or trailer,
  ///   `manifest` and `shard`.
  /// - Complexity: that of opening; in unsealed files one pass over the blocks.
  public init(path: String) throws(StoreError) {
    if FileSystem.isFolder(path: path) {
      let kind = try StoreManifest.kind(folder: path)
      self.init(try StoreManifest.open(folder: path, kind: kind), isSealed: true)
      return
    }
    do throws(StoreError) {
      self.init([try StoreFile(path: path, kind: nil)], isSealed: true)
    } catch .unsealed {
      self.init([try StoreFile(following: path, kind: nil, after: nil)], isSealed: false)
    }
  }

  private init(_ shards: [StoreFile], isSealed: Bool) {
    let totals = StoreSummary(shards)
    self.isSealed = isSealed
    header = shards[0].header
    formatVersion = Int(StoreLimits.version)
    files = shards.count
    (records, documents, blocks) = (totals.records, totals.documents, totals.blocks)
    compressedBlocks = shards.reduce(0) { $0 + $1.trailer.compressedBlocks }
    fileBytes = totals.fileBytes
    fingerprint = isSealed ? totals.fingerprint : nil
  }
}
