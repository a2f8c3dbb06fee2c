#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Whole files and folders by path.
public enum FileSystem {
  /// Reads a whole plain file into memory.
  ///
  /// - Parameter kind: what it should be, which says how large it may be.
  /// - Throws: `tooLarge` before anything is read, or where the file grows meanwhile; `notAFile`
  ///   for folders, pipes, sockets and devices, which are never waited for; `pointer` for what
  ///   Git's large file storage leaves in place of a file; otherwise `failed`.
  public static func readFile(path: String, as kind: WholeFile) throws(FileError) -> [UInt8] {
    try readFile(path: path, limit: kind.limit)
  }

  /// For tests, which know what they read.
  package static func readFile(path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
    let file = try InputFile(path: path)
    guard file.size <= limit else { throw .tooLarge(limit: limit) }
    try file.refusePointer()
    var result: [UInt8] = []
    result.reserveCapacity(file.size)
    var chunk = [UInt8](repeating: 0, count: min(max(file.size + 1, 4096), 1 << 20))
    while true {
      let count = try file.read(into: &chunk)
      if count == 0 { return result }
      guard result.count + count <= limit else { throw .tooLarge(limit: limit) }
      result += chunk[..<count]
    }
  }

  /// Writes a whole file by way of `AtomicFile`: readers see the old file or the new one.
  ///
  /// On failure the partial file is removed and the old file stays; only where the last step
  /// fails, the flush of the folder, the new file is in its place already.
  public static func writeFile(path: String, bytes: [UInt8]) throws(FileError) {
    try writeFile(path: path, bytes: bytes, calls: .system)
  }

  package static func writeFile(
    path: String, bytes: [UInt8], calls: FileCalls
  ) throws(FileError) {
    var file = try AtomicFile(path: path, calls: calls)
    do throws(FileError) {
      try unsafe file.write(bytes.span.bytes)
      try file.publish()
    } catch {
      try? file.discard()
      throw error
    }
  }

  /// Whether anything exists under `path`, following links.
  public static func exists(path: String) -> Bool {
    status(of: path) != nil
  }

  /// Whether `path` is a folder, following links.
  public static func isFolder(path: String) -> Bool {
    status(of: path)?.isFolder ?? false
  }

  /// The size of a file in bytes.
  public static func size(path: String) throws(FileError) -> Int {
    guard let status = status(of: path) else { throw .failed(.inspect, code: errno) }
    return Int(status.st_size)
  }

  /// Creates a folder and those above it; one that exists is left as it is.
  public static func createDirectory(path: String) throws(FileError) {
    if isFolder(path: path) { return }
    let parent = folder(of: path)
    if parent != path { try createDirectory(path: parent) }
    if unsafe mkdir(path, 0o777) != 0 {
      let code = errno
      guard code == EEXIST, isFolder(path: path) else { throw .failed(.create, code: code) }
    }
  }

  /// Removes a file, a link or an empty folder.
  ///
  /// - Throws: `notAFile` for devices, pipes and sockets; otherwise `failed`.
  public static func remove(path: String) throws(FileError) {
    let status = ownStatus(of: path)
    if let status, !status.isPlainFile, !status.isLink, !status.isFolder { throw .notAFile }
    let failed = unsafe status?.isFolder == true ? rmdir(path) != 0 : unlink(path) != 0
    if failed { throw .failed(.remove, code: errno) }
  }

  /// Renames a file or folder within one file system and makes the new name durable.
  public static func rename(from source: String, to target: String) throws(FileError) {
    let folder = try FileHandle(path: folder(of: target), flags: O_RDONLY)
    _ = try FileHandle.retry(.rename) { FileCalls.system.rename(source, target) }
    try AtomicFile.flushFolder(folder, .system)
  }

  /// Gives a file a second name, in place of what had that name; nothing is copied.
  ///
  /// - Throws: `failed`, also where the file system knows no second names.
  public static func link(_ source: String, as target: String) throws(FileError) {
    if ownStatus(of: target) != nil { try remove(path: target) }
    // Named by its module: inside this type the name is this function's.
    #if canImport(Darwin)
      let failed = unsafe Darwin.link(source, target) != 0
    #else
      let failed = unsafe Glibc.link(source, target) != 0
    #endif
    if failed { throw .failed(.rename, code: errno) }
  }
}
