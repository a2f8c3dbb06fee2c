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

extension stat {
  var isPlainFile: Bool { st_mode & S_IFMT == S_IFREG }
  var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
}
