#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A file that only grows: a log that others may read while it is written.
///
/// What was written stays when the process is killed; only `sync` makes it outlive the system.
/// A second writer of the same path, in this or another process, is refused. After a failed write
/// or flush the file takes nothing more and throws the same error again.
public struct AppendedFile: ~Copyable {
  private let file: WriterFile
  private let calls: FileCalls
  private var failure: FileError?

  /// Opens or creates `path` and cuts off what follows its first `count` bytes.
  ///
  /// - Throws: `inUse` if another writer holds the file, before anything is cut; `notAFile` for
  ///   folders and devices, `isLink` for links, `hasOtherNames` for a file that has; otherwise
  ///   `failed` with operation `open` or `truncate`.
  public init(path: String, keeping count: Int) throws(FileError) {
    try self.init(path: path, keeping: count, calls: .system)
  }

  package init(path: String, keeping count: Int, calls: FileCalls) throws(FileError) {
    let file = try WriterFile(opening: path, flags: O_RDWR | O_CREAT, calls: calls)
    let size = Int(try file.handle.status().st_size)
    guard count <= size else { throw .failed(.truncate, code: EINVAL) }
    try AtomicFile.setEnd(of: file, to: count, calls: calls)
    self.file = file
    self.calls = calls
  }

  /// Appends bytes; short and interrupted writes are continued.
  ///
  /// - Throws: `failed` with operation `write`; the file then ends with an unknown part of `bytes`.
  public mutating func write(_ bytes: RawSpan) throws(FileError) {
    var offset = 0
    while offset < bytes.byteCount {
      let rest = bytes.extracting(droppingFirst: offset)
      let (descriptor, calls) = (file.handle.descriptor, calls)
      offset += try guarded { () throws(FileError) in
        try FileHandle.writeSome(rest, to: descriptor, calls)
      }
    }
  }

  /// Flushes what was written so far to the medium.
  ///
  /// - Throws: `failed` with operation `sync`.
  public mutating func sync() throws(FileError) {
    let (descriptor, calls) = (file.handle.descriptor, calls)
    try guarded { () throws(FileError) in try AtomicFile.flush(descriptor, calls) }
  }

  /// Runs `body` unless an earlier call failed; remembers its failure.
  private mutating func guarded<Result>(
    _ body: () throws(FileError) -> Result
  ) throws(FileError) -> Result {
    if let failure { throw failure }
    do throws(FileError) { return try body() } catch {
      failure = error
      throw error
    }
  }
}
