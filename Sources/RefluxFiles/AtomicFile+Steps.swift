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
  ) throws(FileError) -> FileHandle {
    let handle = try FileHandle(
      path: path + partialSuffix, flags: flags | O_NONBLOCK, calls: calls)
    guard try handle.status().isPlainFile else { throw .notAFile }
    let descriptor = handle.descriptor
    do {
      _ = try FileHandle.retry(.open) { flock(descriptor, LOCK_EX | LOCK_NB) < 0 ? -errno : 0 }
    } catch .failed(_, EWOULDBLOCK) {
      throw .inUse
    } catch .failed(_, let code) where code == EOPNOTSUPP || code == ENOLCK {
      // Some network file systems have no locks; writing there stays possible.
    }
    // Between opening and locking, the writer before may have renamed this very file.
    guard try handle.status().isSameFile(as: FileSystem.status(of: path + partialSuffix)) else {
      throw .inUse
    }
    return handle
  }

  /// Cuts the file to `size` bytes and puts the cursor there.
  static func setEnd(
    of handle: borrowing FileHandle, to size: Int, calls: FileCalls
  ) throws(FileError) {
    let descriptor = handle.descriptor
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
  static func flushFolder(of path: String, _ calls: FileCalls) throws(FileError) {
    let folder = try FileHandle(path: FileSystem.folder(of: path), flags: O_RDONLY, calls: calls)
    do {
      try flush(folder.descriptor, calls)
    } catch .failed(_, EINVAL) {
    }
  }
}
