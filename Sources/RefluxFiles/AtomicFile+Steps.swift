#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// The single steps of an atomic file.
extension AtomicFile {
  /// Opens the partial file and takes the writer's lock before anything in it is changed.
  static func openPartial(
    of path: String, flags: Int32, calls: FileCalls
  ) throws(FileError) -> WriterFile {
    try checkReplaceable(path)
    let partial = path + partialSuffix
    let file = try WriterFile(opening: partial, flags: flags, calls: calls)
    // Between opening and locking, the writer before may have renamed this very file.
    guard FileSystem.status(of: partial)?.identity == file.identity else {
      throw .inUse(by: nil)
    }
    return file
  }

  /// Checks that `path` is a plain file or free: a rename would put a file in the place of whatever
  /// else is there.
  ///
  /// - Throws: `isLink` or `notAFile`.
  static func checkReplaceable(_ path: String) throws(FileError) {
    guard let status = FileSystem.ownStatus(of: path), !status.isPlainFile else { return }
    throw status.isLink ? .isLink : .notAFile
  }

  /// Cuts the file to `size` bytes and puts the cursor there.
  static func setEnd(
    of file: borrowing WriterFile, to size: Int, calls: FileCalls
  ) throws(FileError) {
    let descriptor = file.handle.descriptor
    _ = try FileHandle.retry(.truncate) { calls.truncate(descriptor, Int64(size)) }
    guard lseek(descriptor, off_t(size), SEEK_SET) == off_t(size) else {
      throw .failed(.write, code: errno)
    }
  }

  static func flush(_ descriptor: Int32, _ calls: FileCalls) throws(FileError) {
    _ = try FileHandle.retry(.sync) { calls.sync(descriptor) }
  }

  /// Makes a rename durable. File systems that cannot flush a folder say EINVAL: they keep their
  /// own order.
  static func flushFolder(
    _ folder: borrowing FileHandle, _ calls: FileCalls
  ) throws(FileError) {
    do throws(FileError) {
      try flush(folder.descriptor, calls)
    } catch .failed(_, EINVAL) {
    }
  }
}
