#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The only owner of a file descriptor; closes it at the end of its life.
struct FileHandle: ~Copyable {
  let descriptor: Int32

  /// Opens `path`; an interrupted call is repeated.
  init(
    path: String, flags: Int32, calls: FileCalls = .system
  ) throws(FileError) {
    descriptor = try Self.retry(.open) { calls.open(path, flags) }
  }

  /// Opens a path, zero at its end, that counts from an open folder.
  init(
    characters: [CChar], flags: Int32, in folder: Int32 = AT_FDCWD
  ) throws(FileError) {
    descriptor = try Self.retry(.open) {
      let found = unsafe openat(folder, characters, flags | O_CLOEXEC)
      return found < 0 ? -errno : found
    }
  }

  /// Takes over an open descriptor.
  init(owning descriptor: Int32) { self.descriptor = descriptor }

  deinit {
    close(descriptor)
  }

  /// Repeats a call as long as a signal interrupts it.
  static func retry<Value: SignedInteger>(
    _ operation: FileOperation, _ call: () -> Value
  ) throws(FileError) -> Value {
    while true {
      let result = call()
      if result >= 0 { return result }
      if result != -Value(EINTR) { throw .failed(operation, code: Int32(-result)) }
    }
  }

  /// Writes the first of `bytes`, at least one; an interrupted call is repeated.
  static func writeSome(
    _ bytes: RawSpan, to descriptor: Int32, _ calls: FileCalls
  ) throws(FileError) -> Int {
    let written = try retry(.write) { calls.write(descriptor, bytes) }
    // A write of nothing without an error would repeat for ever.
    guard written > 0 else { throw .failed(.write, code: EIO) }
    return written
  }

  /// What the system knows of the open file.
  func status() throws(FileError) -> stat {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw .failed(.inspect, code: errno)
    }
    return status
  }
}

/// An open folder.
extension FileHandle {
  /// The names in it but `.` and `..`, bytewise sorted, each with a zero at its end.
  func names() throws(FileError) -> [[CChar]] {
    // The stream closes its descriptor.
    let copy = try Self.retry(.list) {
      let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
      return copy < 0 ? -errno : copy
    }
    guard let folder = unsafe fdopendir(copy) else {
      let code = errno
      close(copy)
      throw .failed(.list, code: code)
    }
    defer { unsafe closedir(folder) }
    var names: [[CChar]] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(folder) else {
        if errno != 0 { throw .failed(.list, code: errno) }
        return names.sorted { Self.precedes($0, $1) }
      }
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        let start = unsafe UnsafeRawPointer(tuple).assumingMemoryBound(to: CChar.self)
        return unsafe Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
      }
      let dot = CChar(bitPattern: UInt8(ascii: "."))
      if name != [dot, 0], name != [dot, dot, 0] { names.append(name) }
    }
  }

  private static func precedes(_ one: [CChar], _ other: [CChar]) -> Bool {
    one.lazy.map { UInt8(bitPattern: $0) }
      .lexicographicallyPrecedes(other.lazy.map { UInt8(bitPattern: $0) })
  }

  /// What a name in it leads to, or is itself; nil with `errno` set.
  func status(of name: [CChar], followingLinks: Bool) -> stat? {
    var status = stat()
    let flags = followingLinks ? 0 : AT_SYMLINK_NOFOLLOW
    return unsafe fstatat(descriptor, name, &status, flags) == 0 ? status : nil
  }
}

extension stat {
  var isPlainFile: Bool { st_mode & S_IFMT == S_IFREG }
  var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
  var isPipe: Bool { st_mode & S_IFMT == S_IFIFO }
  var isLink: Bool { st_mode & S_IFMT == S_IFLNK }
}
