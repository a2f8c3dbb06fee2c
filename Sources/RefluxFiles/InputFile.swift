#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A plain file that is open for reading: the one way in which inputs are opened.
///
/// A folder, pipe, socket or device is refused: it is not opened, which could have effects of its
/// own, and never waited for. Links are followed to plain files.
struct InputFile: ~Copyable {
  let handle: FileHandle
  /// As it was found; `size` bytes are said to be there, none has been read.
  let status: stat

  /// The size in bytes.
  var size: Int { Int(status.st_size) }

  /// Opens a plain file.
  ///
  /// - Throws: `notAFile`, otherwise `failed`.
  init(path: String) throws(FileError) { try self.init(at: SystemPath(path)) }

  /// Opens a plain file.
  ///
  /// - Throws: `notAFile`, otherwise `failed`.
  init(at path: SystemPath) throws(FileError) {
    if let found = path.status(), !found.isPlainFile { throw .notAFile }
    // What has come under the name since that look must not make the opening wait.
    let handle = try path.open(flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
    let status = try handle.status()
    guard status.isPlainFile else { throw .notAFile }
    self.status = status
    self.handle = handle
  }

  /// Reads up to `chunk.count` bytes on from where the last call ended; 0 at the end.
  func read(into chunk: inout [UInt8]) throws(FileError) -> Int {
    let descriptor = handle.descriptor
    return try FileHandle.retry(.read) {
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe systemRead(descriptor, buffer.baseAddress, buffer.count)
      }
      return count < 0 ? -Int(errno) : count
    }
  }

  /// Refuses a file that only says where Git's large file storage keeps its content.
  ///
  /// - Throws: `pointer`.
  func refusePointer() throws(FileError) {
    // The pointers of version 1 are shorter than this.
    guard (1..<1024).contains(size) else { return }
    var start = [UInt8](repeating: 0, count: Self.pointerMark.count)
    let descriptor = handle.descriptor
    _ = try FileHandle.retry(.read) {
      let count = unsafe start.withUnsafeMutableBytes { buffer in
        unsafe pread(descriptor, buffer.baseAddress, buffer.count, 0)
      }
      return count < 0 ? -Int(errno) : count
    }
    if start == Self.pointerMark { throw .pointer }
  }

  private static let pointerMark = Array("version https://git-lfs.github.com/spec/".utf8)
}

private func systemRead(
  _ descriptor: Int32, _ start: UnsafeMutableRawPointer?, _ count: Int
) -> Int {
  unsafe read(descriptor, start, count)
}
