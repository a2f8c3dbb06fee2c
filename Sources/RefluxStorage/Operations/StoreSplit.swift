import RefluxFiles

/// A store cut into shards.
public struct StoreSplit: Sendable {
  /// How large shards are.
  public enum Size: Equatable, Sendable {
    /// So many shards of about one size, cut between blocks where there are enough of them: every
    /// block then keeps its sum of the tokens.
    case shards(Int)
    /// Shards of so many records, the last one of the rest.
    case records(Int)
  }

  /// The most shards that a store is cut into: every reader opens all of them.
  public static let maximumShards = 100_000

  private let source: StoreSet
  /// The records of each shard.
  public let parts: [Range<Int>]

  /// Opens the store at `path` and plans the cuts.
  ///
  /// - Throws: what opening throws, `onlyAShard`, and `configuration` where there are fewer records
  ///   than shards.
  public init(path: String, into size: Size) throws(StoreError) {
    let source = try StoreSet(path: path)
    if source.header.firstPosition > 0 {
      throw .onlyAShard(first: source.header.firstPosition)
    }
    self.source = source
    parts = try Self.cut(source, into: size)
  }

  private static func cut(_ source: StoreSet, into size: Size) throws(StoreError) -> [Range<Int>] {
    let count = source.count
    switch size {
    case .records(let records):
      guard records >= 1, max(count, 1) / records < maximumShards else {
        throw .configuration(
          "\(count) records in shards of \(records) are too many shards; name at least "
            + "\(max(1, count / maximumShards + 1)) records")
      }
      let starts = Array(stride(from: 0, to: max(count, 1), by: min(records, max(count, 1))))
      return starts.map { $0..<min($0 + min(records, count), count) }
    case .shards(let shards):
      let most = min(max(count, 1), maximumShards)
      guard (1...most).contains(shards) else {
        throw .configuration(
          "\(count) records cannot be cut into \(shards) shards; name 1 to \(most)")
      }
      let block = source.header.recordsPerBlock
      let blocks = (count + block - 1) / block
      let (units, unit) = blocks >= shards ? (blocks, block) : (count, 1)
      let ends = (0...shards).map { min(count, share($0, of: shards, units) * unit) }
      return zip(ends, ends.dropFirst()).map { $0..<$1 }
    }
  }

  /// Where part `number` of `parts` starts among `units`, without an overflow.
  private static func share(_ number: Int, of parts: Int, _ units: Int) -> Int {
    let (whole, rest) = units.quotientAndRemainder(dividingBy: parts)
    return number * whole + min(number, rest)
  }

  /// The names of the shards: `shard-00002-of-00008.rfx`.
  public var names: [String] {
    let digits = max(5, String(parts.count).count)
    func number(_ value: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: digits - text.count) + text
    }
    return parts.indices.map { "shard-\(number($0))-of-\(number(parts.count)).rfx" }
  }

  /// Writes the shards to `folder`, and the manifest once all of them are there.
  ///
  /// Shards that an earlier run left are replaced.
  ///
  /// - Throws: what `StoreRecompression.recompress` throws; `configuration` where the folder holds
  ///   anything else, or is a store already.
  /// - Complexity: one pass over the store.
  public func write(
    to folder: String, _ rewriting: StoreRewriting,
    watch: @escaping StoreRewriting.Watch = { _, _, _ in true }
  ) throws(StoreError) -> StoreSummary {
    try makeFolder(folder)
    let copier = try StoreCopier(source, rewriting, watch: watch)
    for (part, name) in zip(parts, names) {
      _ = try copier.copy(part, to: folder + "/" + name)
    }
    return try StoreManifest.write(folder: folder, names: names)
  }

  /// Makes the folder for the shards, and checks that it holds nothing else.
  public func makeFolder(_ folder: String) throws(StoreError) {
    let expected = Set(names.flatMap { [$0, $0 + AtomicFile.partialSuffix] })
    let found = try wrappingFileError { () throws(FileError) in
      try FileSystem.createDirectory(path: folder)
      return try FileSystem.names(in: folder)
    }
    let other = found.first { !expected.contains($0) || !isOwn($0, in: folder) }
    guard let other else { return }
    throw .configuration("the folder holds \(other) already; name an empty or a new folder")
  }

  /// Whether a file of a shard's name may be one that an earlier run has left: it is unfinished, or
  /// of the same store.
  private func isOwn(_ name: String, in folder: String) -> Bool {
    guard let part = names.firstIndex(of: name) else { return true }
    guard let shard = try? StoreFile(path: folder + "/" + name, kind: source.header.kind) else {
      return false
    }
    return shard.header.firstPosition == parts[part].lowerBound
      && shard.header.difference(from: source.header) == nil
  }
}
