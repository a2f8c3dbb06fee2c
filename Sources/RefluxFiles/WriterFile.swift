import Synchronization

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// An open file with the writer's lock, which ends with it.
///
/// Three things keep it. `flock` belongs to this one opening of the file, so it holds against every
/// other one, in this process too, and whatever else is opened and closed. A record lock (`fcntl`)
/// names its process to those who are refused; it excludes nobody, for the system drops it as soon
/// as the process closes any descriptor of the file (a mapping of the partial file does), and the
/// name is then unknown. The process's own writers are kept in a set, for which neither is asked.
struct WriterFile: ~Copyable {
  let handle: FileHandle
  let identity: FileIdentity

  /// What this process writes.
  private static let held = Mutex<Set<FileIdentity>>([])

  /// Opens and locks the file at `path` before anything in it is changed.
  ///
  /// - Throws: `inUse`; `isLink`, `notAFile` or `hasOtherNames` where writing would reach something
  ///   else than the one file of this name; otherwise `failed` with operation `open`.
  init(opening path: String, flags: Int32, calls: FileCalls) throws(FileError) {
    try Self.checkUnused(path: path)
    let handle: FileHandle
    do throws(FileError) {
      handle = try FileHandle(path: path, flags: flags | O_NONBLOCK | O_NOFOLLOW, calls: calls)
    } catch .failed(_, ELOOP) where FileSystem.ownStatus(of: path)?.isLink == true {
      throw .isLink
    } catch .failed(_, let code) where code == ENXIO || code == EISDIR {
      // A socket, a pipe that nobody reads, a folder.
      throw .notAFile
    }
    let status = try handle.status()
    guard status.isPlainFile else { throw .notAFile }
    guard status.st_nlink <= 1 else { throw .hasOtherNames }
    try self.init(locking: handle)
  }

  /// Locks an open file.
  ///
  /// - Throws: `inUse`.
  init(locking handle: consuming FileHandle) throws(FileError) {
    let identity = try handle.status().identity
    guard Self.held.withLock({ $0.insert(identity).inserted }) else {
      throw .inUse(by: getpid())
    }
    do throws(FileError) {
      try Self.lock(handle.descriptor)
    } catch {
      Self.held.withLock { _ = $0.remove(identity) }
      throw error
    }
    self.handle = handle
    self.identity = identity
  }

  deinit {
    // Unlocked by name: a process that is just being started may have a copy of the descriptor.
    flock(handle.descriptor, LOCK_UN)
    let identity = identity
    Self.held.withLock { _ = $0.remove(identity) }
  }

  /// Checks that this process does not write the file under `path`, without opening it: that would
  /// drop the record lock.
  ///
  /// - Throws: `inUse`.
  static func checkUnused(path: String) throws(FileError) {
    guard let identity = FileSystem.status(of: path)?.identity else { return }
    if held.withLock({ $0.contains(identity) }) { throw .inUse(by: getpid()) }
  }

  private static func lock(_ descriptor: Int32) throws(FileError) {
    do throws(FileError) {
      _ = try FileHandle.retry(.open) { flock(descriptor, LOCK_EX | LOCK_NB) < 0 ? -errno : 0 }
    } catch .failed(_, EWOULDBLOCK) {
      throw .inUse(by: holder(descriptor))
    } catch .failed(_, let code) where code == EOPNOTSUPP || code == ENOLCK {
      // Some network file systems have no locks; writing there stays possible.
    }
    // May fail, on network file systems that make one kind of lock out of the other.
    var record = wholeFile
    _ = unsafe fcntl(descriptor, F_SETLK, &record)
  }

  /// The process with a record lock on the file, as far as it is one of this machine.
  private static func holder(_ descriptor: Int32) -> Int32? {
    var record = wholeFile
    guard unsafe fcntl(descriptor, F_GETLK, &record) == 0, record.l_type != Int16(F_UNLCK),
      record.l_pid > 0, kill(record.l_pid, 0) == 0 || errno == EPERM
    else { return nil }
    return record.l_pid
  }

  private static var wholeFile: flock {
    var record = flock()
    record.l_type = Int16(F_WRLCK)
    record.l_whence = Int16(SEEK_SET)
    return record
  }
}
