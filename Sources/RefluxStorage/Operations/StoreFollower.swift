import RefluxFiles

/// Looks at a store while it is being written, until it is sealed; belongs to one thread.
public final class StoreFollower {
  private let sealedPath: String
  private let partialPath: String
  /// What was found last: a store that grows, or the sealed one.
  private var found: StoreSet?
  private var size = -1

  /// Whether the store is complete: nothing more comes.
  public private(set) var isSealed = false

  /// - Parameter path: the store's path, or that of its partial file.
  /// Nothing is opened before `look`.
  public init(path: String) {
    let suffix = AtomicFile.partialSuffix
    sealedPath = path.hasSuffix(suffix) ? String(path.dropLast(suffix.count)) : path
    partialPath = sealedPath + suffix
  }

  /// The store as far as it was written at the last look; nil before its header is there.
  public var store: OpenStore? { found.map { OpenStore($0) } }

  /// Looks what has been written since.
  ///
  /// - Throws: what opening throws, and `configuration` where another store has taken its place.
  /// - Complexity: a system call where nothing has happened, else the blocks that are new.
  public func look() throws(StoreError) {
    if isSealed { return }
    if !FileSystem.isFolder(path: sealedPath), try lookAtPartial() { return }
    let sealed = try StoreSet(path: sealedPath)
    try check(sealed.header)
    (found, isSealed) = (sealed, true)
  }

  /// False where there is no partial file.
  private func lookAtPartial() throws(StoreError) -> Bool {
    do throws(StoreError) {
      let now = try wrappingFileError { () throws(FileError) in
        try FileSystem.size(path: partialPath)
      }
      if now == size { return true }
      let file = try StoreFile(following: partialPath, kind: nil, after: found?.shards[0])
      try check(file.header)
      size = now
      found = try StoreSet([file])
    } catch .file(let error) where error.isMissing {
      return false
    } catch .empty, .damaged(.header, _, .cut), .damaged(.dictionary, _, .cut) {
      // The writer has just begun.
    }
    return true
  }

  private func check(_ header: StoreHeader) throws(StoreError) {
    guard let found, found.header != header else { return }
    throw .configuration("another store has taken the place of the one that was followed")
  }
}
