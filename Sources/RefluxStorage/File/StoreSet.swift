import RefluxBytes
import RefluxFiles

/// The files of one store in the order of their positions: one file, or the shards of a folder
/// (SPEC.md, section 9).
package final class StoreSet: Sendable {
  package let shards: [StoreFile]
  /// The first record of each shard, and after the last one the number of records.
  let starts: [Int]
  /// The sum of the shards' fingerprints.
  let fingerprint: UInt64
  /// Documents before each shard, and after the last one all.
  let documentStarts: [Int]
  /// Blocks before each shard, and after the last one all.
  let blockStarts: [Int]
  /// What errors call each shard; nothing where there is only the store itself.
  private let names: [String]

  /// What the store says about itself; sizes of blocks may differ from shard to shard.
  var header: StoreHeader { shards[0].header }
  /// The header of the shard with the largest blocks, which a reader's memory must hold.
  var largestHeader: StoreHeader {
    shards.map(\.header).max { $0.recordsPerBlock < $1.recordsPerBlock } ?? header
  }
  var count: Int { starts[shards.count] }
  var blocks: Int { blockStarts[shards.count] }
  var documents: Int { documentStarts[shards.count] }

  /// Opens the file or folder at `path`.
  ///
  /// - Throws: what `StoreFile.init` throws; for folders also `manifest`, and `shard` with what was
  ///   found wrong in one of them.
  convenience init(path: String, kind: RecordKind) throws(StoreError) {
    if FileSystem.isFolder(path: path) {
      let shards = try StoreManifest.open(folder: path, kind: kind)
      try self.init(shards, names: shards.map { FileSystem.name(of: $0.path) })
    } else {
      try self.init([try StoreFile(path: path, kind: kind)])
    }
  }

  /// - Parameters:
  ///   - shards: at least one, each where the one before it ends.
  ///   - names: what errors call them; none for a store of one file.
  init(_ shards: [StoreFile], names: [String] = []) throws(StoreError) {
    self.shards = shards
    self.names = names
    var (starts, documents, blocks, fingerprint) = ([0], [0], [0], UInt64(0))
    for shard in shards {
      starts.append(starts[starts.count - 1] + shard.trailer.records)
      documents.append(documents[documents.count - 1] + shard.trailer.documents)
      blocks.append(blocks[blocks.count - 1] + shard.trailer.blocks)
      fingerprint &+= shard.trailer.fingerprint
    }
    self.starts = starts
    documentStarts = documents
    blockStarts = blocks
    self.fingerprint = fingerprint
  }

  /// The shard that holds `record`.
  func shard(of record: Int) -> Int {
    if shards.count == 1 { return 0 }
    var (low, high) = (0, shards.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= record { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// An error about a shard, with its name where there are several.
  func naming(_ error: StoreError, shard: Int) -> StoreError {
    names.isEmpty ? error : .shard(names[shard], error)
  }

  /// `records` as the command names them, checked against the store.
  func check(_ records: Range<Int>) throws(StoreError) {
    guard records.lowerBound >= 0, records.upperBound <= count else {
      throw .outOfRange(first: records.lowerBound, end: records.upperBound, count: count)
    }
  }
}
