internal import CMapGuard

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A whole file as read-only memory, shared with the page cache.
///
/// Opening costs no reading: pages come in when they are touched and the system may drop them
/// again, so a file may be larger than the memory. The size is that of the moment of opening.
///
/// A file that another process shortens meanwhile has no pages after its new end, and the system
/// ends a program that touches them (SIGBUS). Here a process-wide handler, installed by the first
/// mapping, puts zeros in their place: the reader continues, `isCut` is true from then on, and
/// whoever has copied something asks `checkWhole` whether to trust it. Zeros come without a signal
/// in the last page that the file still has, after its new end; `checkWhole` finds that by the
/// file's size. Faults outside of mapped files go to the handler that was there before.
/// A page that the medium does not give is treated in the same way, and named as such. System
/// calls do not get the signal: one that is handed missing bytes fails with EFAULT.
/// A thread that blocks SIGBUS is ended all the same.
@safe
public final class MappedFile: Sendable {
  /// The size in bytes.
  public let count: Int
  /// Safe because the pages are read-only and stay mapped until `deinit`.
  nonisolated(unsafe) let start: UnsafeRawPointer?
  /// Safe because all of its state is atomic.
  nonisolated(unsafe) let watch: OpaquePointer?
  let path: SystemPath
  let identity: FileIdentity
  let modified: FileMoment

  /// Maps the plain file at `path`; an empty file gives no bytes.
  ///
  /// Keeps no descriptor open.
  /// - Parameter isText: whether the file is text of any kind, which may say what it likes; of
  ///   others a Git LFS pointer is told from the file that it stands for.
  /// - Throws: `notAFile` for folders, pipes, sockets and devices, which are never waited for;
  ///   `pointer`; otherwise `failed`.
  public convenience init(path: String, isText: Bool = false) throws(FileError) {
    try self.init(at: SystemPath(path), isText: isText)
  }

  /// Maps the plain file at any path that the system has; see ``init(path:isText:)``.
  public init(at path: SystemPath, isText: Bool = false) throws(FileError) {
    let file = try InputFile(at: path)
    if !isText { try file.refusePointer() }
    self.path = path
    identity = file.status.identity
    modified = file.status.modified
    count = file.size
    unsafe (start, watch) = try Self.map(file.handle.descriptor, count: count)
  }

  /// Maps an open file whose name is gone; `folder` is where it lies.
  init(_ handle: borrowing FileHandle, named folder: String) throws(FileError) {
    let status = try handle.status()
    path = SystemPath(folder)
    identity = status.identity
    modified = status.modified
    count = Int(status.st_size)
    unsafe (start, watch) = try Self.map(handle.descriptor, count: count)
  }

  deinit {
    if let start = unsafe start, let watch = unsafe watch {
      unsafe cmapguard_unwatch(watch)
      unsafe munmap(UnsafeMutableRawPointer(mutating: start), count)
    }
  }

  /// All bytes of the file.
  public var bytes: RawSpan {
    @_lifetime(borrow self)
    get {
      let buffer = unsafe UnsafeRawBufferPointer(start: start, count: count)
      let span = unsafe RawSpan(_unsafeBytes: buffer)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  private static func map(
    _ descriptor: Int32, count: Int
  ) throws(FileError) -> (UnsafeRawPointer?, OpaquePointer?) {
    if count == 0 { return (nil, nil) }
    let address = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0)
    guard unsafe address != MAP_FAILED, let address = unsafe address else {
      throw .failed(.map, code: errno)
    }
    guard let watch = unsafe cmapguard_watch(address, count) else {
      let code = errno
      unsafe munmap(address, count)
      throw .failed(.map, code: code)
    }
    return unsafe (UnsafeRawPointer(address), watch)
  }
}
