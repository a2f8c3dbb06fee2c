import RefluxFiles

/// Shards of one store, in the order of their positions, to be joined.
public struct StoreMerge: Sendable {
  private let shards: [StoreFile]

  /// Opens the shards and checks that they are of one store, without a gap or an overlap.
  ///
  /// - Parameter paths: sealed files in any order; a folder stands for the shards of its manifest.
  /// - Throws: `shard` with one of the paths and what is wrong with it: what opening throws, or
  ///   `join` where it does not go with the others.
  public init(_ paths: [String]) throws(StoreError) {
    var shards: [StoreFile] = []
    for path in paths {
      for file in try Self.files(of: path) {
        do throws(StoreError) {
          shards.append(try StoreFile(path: file, kind: shards.first?.header.kind))
        } catch {
          throw .shard(file, error)
        }
      }
    }
    if shards.isEmpty { throw .join("there are no shards to join; name some") }
    self.shards = shards.sorted {
      ($0.header.firstPosition, $0.trailer.records) < ($1.header.firstPosition, $1.trailer.records)
    }
    try checkOrder()
  }

  private static func files(of path: String) throws(StoreError) -> [String] {
    guard FileSystem.isFolder(path: path) else { return [path] }
    do throws(StoreError) {
      return try StoreManifest.shardNames(folder: path).map { path + "/" + $0 }
    } catch {
      throw .shard(path, error)
    }
  }

  private func checkOrder() throws(StoreError) {
    for (shard, next) in zip(shards, shards.dropFirst()) {
      let (end, start) = (
        shard.header.firstPosition + shard.trailer.records, next.header.firstPosition
      )
      if start > end {
        throw .shard(
          next.path,
          .join(
            "starts at position \(start), but \(shard.path) ends at \(end); "
              + "name the shards between them"))
      }
      if start < end {
        throw .shard(
          next.path,
          .join(
            "starts at position \(start), but \(shard.path) ends at \(end); "
              + "name only one of them"))
      }
    }
    for shard in shards.dropFirst() {
      guard let setting = shard.header.difference(from: shards[0].header) else { continue }
      throw .shard(
        shard.path,
        .join(
          "has \(setting.name) \(setting.found), but \(shards[0].path) has \(setting.expected); "
            + "join shards of one store"))
    }
  }

  /// The position of the first record: 0, unless the shards before are missing.
  public var firstPosition: Int { shards[0].header.firstPosition }
  /// The files in the order of their positions.
  public var paths: [String] { shards.map(\.path) }

  /// Writes the records of all shards to one file.
  ///
  /// A packed store keeps its dictionary where all shards have the same.
  ///
  /// - Throws: what `StoreRecompression.recompress` throws.
  /// - Complexity: that of `StoreRecompression.recompress`.
  public func write(
    to path: String, _ rewriting: StoreRewriting,
    watch: @escaping StoreRewriting.Watch = { _, _, _ in true }
  ) throws(StoreError) -> StoreSummary {
    let source = try StoreSet(shards, names: paths)
    return try StoreCopier(source, rewriting, watch: watch).copy(0..<source.count, to: path)
  }

  /// Writes the manifest that makes one store of the shards, which lie in `folder`.
  ///
  /// - Throws: `shard` with `join` where one lies elsewhere or the first one is missing.
  public func writeManifest(folder: String) throws(StoreError) -> StoreSummary {
    try checkHome(folder)
    return try StoreManifest.write(folder: folder, names: names)
  }

  /// The bytes that ``writeManifest(folder:)`` writes.
  ///
  /// - Throws: what it does.
  public func manifest(folder: String) throws(StoreError) -> [UInt8] {
    try checkHome(folder)
    return try StoreManifest.made(folder: folder, names: names).bytes
  }

  private var names: [String] { shards.map { FileSystem.name(of: $0.path) } }

  private func checkHome(_ folder: String) throws(StoreError) {
    for shard in shards {
      let home = FileSystem.folder(of: shard.path)
      guard home == folder || FileSystem.isSame(home, folder) else {
        throw .shard(
          shard.path, .join("does not lie in \(folder); move it there or merge into one file"))
      }
    }
    if firstPosition > 0 {
      throw .shard(
        shards[0].path,
        .join("starts at position \(firstPosition); name the shards before it"))
    }
  }
}
