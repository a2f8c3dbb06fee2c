#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What comes through standard input or a pipe, as a file.
extension MappedFile {
  /// Whether `path` names something that can be read once only: standard input or a pipe.
  public static func isStream(path: String) -> Bool {
    path == "-" || path == standardInput || FileSystem.status(of: path)?.isPipe == true
  }

  private static let standardInput = "/dev/stdin"

  /// Reads a stream to its end and maps what came.
  ///
  /// It lies in a file without a name in `folder`, which goes with the mapping: memory is not taken
  /// for it, and it can be read as often as a file.
  /// - Parameters:
  ///   - path: `-` is standard input.
  ///   - isInterrupted: asked several times a second while nothing comes.
  /// - Returns: nil where the reading was interrupted.
  /// - Throws: `failed` with operation `open`, `read` or `write`.
  public static func reading(
    stream path: String, folder: String, isInterrupted: () -> Bool
  ) throws(FileError) -> MappedFile? {
    let source = try FileHandle(
      path: path == "-" ? standardInput : path, flags: O_RDONLY | O_NOCTTY)
    let target = try unnamed(in: folder)
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      if isInterrupted() { return nil }
      guard try waitForBytes(source) else { continue }
      let count = try FileHandle.retry(.read) {
        let count = unsafe chunk.withUnsafeMutableBytes { buffer in
          unsafe read(source.descriptor, buffer.baseAddress, buffer.count)
        }
        return count < 0 ? -Int(errno) : count
      }
      if count == 0 { break }
      var rest = unsafe chunk.span.bytes.extracting(0..<count)
      while !rest.isEmpty {
        let written = try FileHandle.writeSome(rest, to: target.descriptor, .system)
        rest = rest.extracting(droppingFirst: written)
      }
    }
    return try MappedFile(target, named: folder)
  }

  /// A new file whose name is gone already.
  private static func unnamed(in folder: String) throws(FileError) -> FileHandle {
    var name = Array((folder + "/.reflux-stream-XXXXXX").utf8CString)
    let descriptor = try FileHandle.retry(.open) {
      let descriptor = unsafe mkstemp(&name)
      return descriptor < 0 ? -errno : descriptor
    }
    unsafe unlink(name)
    return FileHandle(owning: descriptor)
  }

  /// Whether there is something to read, or the end, within a fifth of a second.
  private static func waitForBytes(_ source: borrowing FileHandle) throws(FileError) -> Bool {
    var wait = pollfd(fd: source.descriptor, events: Int16(POLLIN), revents: 0)
    return try FileHandle.retry(.read) {
      let count = unsafe poll(&wait, 1, 200)
      return count < 0 && errno != EINTR ? -errno : max(count, 0)
    } > 0
  }
}
