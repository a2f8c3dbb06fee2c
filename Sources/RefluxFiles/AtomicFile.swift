#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file that appears under its name whole and durable, or not at all.
///
/// Bytes go to `path + ".partial"` in the same folder. `commit` flushes them to the medium,
/// renames the partial file over `path` and flushes the folder, in this order. A file that is
/// dropped without `commit` (also by an error) leaves its partial file for inspection or `resume`.
/// A second writer of the same path, in this or another process, is refused as long as the first
/// one lives. After a failed write or flush the file takes nothing more and throws the same error
/// again: the system may have dropped what it could not write, and would flush the rest gladly.
public struct AtomicFile: ~Copyable {
  /// Where the file appears at `commit`.
  public let path: String
  /// The number of bytes in the partial file.
  public private(set) var count: Int
  private let file: WriterFile
  private let calls: FileCalls
  private var failure: FileError?

  /// What is added to the path while the file is being written.
  public static let partialSuffix = ".partial"

  /// Starts an empty partial file, replacing an abandoned one.
  ///
  /// - Throws: `inUse` if another writer holds it, `notAFile` or `isLink` where the path or the
  ///   partial one is anything but a plain file, `hasOtherNames` where the partial file has,
  ///   otherwise `failed` with operation `open` or `truncate`.
  public init(path: String) throws(FileError) {
    try self.init(path: path, calls: .system)
  }

  package init(path: String, calls: FileCalls) throws(FileError) {
    let file = try Self.openPartial(of: path, flags: O_RDWR | O_CREAT, calls: calls)
    try Self.setEnd(of: file, to: 0, calls: calls)
    self.init(path: path, count: 0, file: file, calls: calls)
  }

  private init(path: String, count: Int, file: consuming WriterFile, calls: FileCalls) {
    self.path = path
    self.count = count
    self.file = file
    self.calls = calls
  }

  /// Resumes an existing partial file after its first `count` bytes; the rest is cut off.
  ///
  /// - Parameter count: at most the size of the partial file; the caller has checked these bytes.
  public static func resume(path: String, count: Int) throws(FileError) -> AtomicFile {
    try resume(path: path, count: count, calls: .system)
  }

  package static func resume(
    path: String, count: Int, calls: FileCalls
  ) throws(FileError) -> AtomicFile {
    let file = try openPartial(of: path, flags: O_RDWR, calls: calls)
    let size = Int(try file.handle.status().st_size)
    guard count <= size else { throw .failed(.truncate, code: EINVAL) }
    try setEnd(of: file, to: count, calls: calls)
    return AtomicFile(path: path, count: count, file: file, calls: calls)
  }

  /// Appends bytes; short and interrupted writes are continued.
  ///
  /// - Throws: `failed` with operation `write`; the partial file then ends with an unknown part of
  ///   `bytes`.
  public mutating func write(_ bytes: RawSpan) throws(FileError) {
    if let failure { throw failure }
    do throws(FileError) {
      try append(bytes)
    } catch {
      failure = error
      throw error
    }
  }

  private mutating func append(_ bytes: RawSpan) throws(FileError) {
    var offset = 0
    while offset < bytes.byteCount {
      let rest = bytes.extracting(droppingFirst: offset)
      let written = try FileHandle.writeSome(rest, to: file.handle.descriptor, calls)
      offset += written
      count += written
    }
  }

  /// Flushes what was written so far to the medium, without ending the file.
  ///
  /// - Throws: `failed` with operation `sync`; what was written since the last flush may be lost.
  public mutating func sync() throws(FileError) {
    if let failure { throw failure }
    do throws(FileError) {
      try Self.flush(file.handle.descriptor, calls)
    } catch {
      failure = error
      throw error
    }
  }

  /// Makes the file durable and visible under its path, replacing an older one.
  ///
  /// - Throws: `failed` with operation `open` (of the folder), `sync` or `rename`; the partial file
  ///   then stays. Only where the flush of the folder fails, the last step, the file is under its
  ///   path already and may lose that name in a loss of power.
  public consuming func commit() throws(FileError) {
    try publish()
  }

  /// `commit` for those who still have to `discard` on failure: the writer's lock stays.
  mutating func publish() throws(FileError) {
    // Opened first: once the file has its name, as little as possible may fail.
    let folder = try FileHandle(
      path: FileSystem.folder(of: path), flags: O_RDONLY, calls: calls)
    try Self.checkReplaceable(path)
    try sync()
    let (calls, path) = (calls, path)
    _ = try FileHandle.retry(.rename) { calls.rename(path + Self.partialSuffix, path) }
    try Self.flushFolder(folder, calls)
  }

  /// Removes the partial file, if it still is this one.
  public consuming func discard() throws(FileError) {
    let partial = path + Self.partialSuffix
    guard FileSystem.status(of: partial)?.identity == file.identity else { return }
    try FileSystem.remove(path: partial)
  }
}
