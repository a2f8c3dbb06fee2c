#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A whole file as read-only memory, shared with the page cache.
///
/// Opening costs no reading: pages come in when they are touched and the system may drop them
/// again, so a file may be larger than the memory. The size is that of the moment of opening;
/// the file must not be shortened while it is mapped.
@safe
public final class MappedFile: Sendable {
  /// The size in bytes.
  public let count: Int
  /// Safe because the pages are read-only and stay mapped until `deinit`.
  private nonisolated(unsafe) let start: UnsafeRawPointer?

  /// Maps the plain file at `path`; an empty file gives no bytes.
  ///
  /// Throws `notAFile` for folders, pipes and devices, otherwise `failed`.
  public init(path: String) throws(FileError) {
    // Opening a pipe for reading would wait for a writer without O_NONBLOCK.
    let handle = try FileHandle(path: path, flags: O_RDONLY | O_NONBLOCK)
    let status = try handle.status()
    guard status.isPlainFile else { throw .notAFile }
    count = Int(status.st_size)
    unsafe start = try Self.map(handle.descriptor, count: count)
  }

  deinit {
    if let start = unsafe start {
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

  /// Asks the system to bring in `range` (bytes) ahead of its use; a hint without effect on what
  /// is read.
  public func prefetch(_ range: Range<Int>) {
    let page = Int(getpagesize())
    let bounded = range.clamped(to: 0..<count)
    guard let start = unsafe start, !bounded.isEmpty else { return }
    let first = bounded.lowerBound / page * page
    let address = unsafe UnsafeMutableRawPointer(mutating: start + first)
    unsafe madvise(address, bounded.upperBound - first, MADV_WILLNEED)
  }

  private static func map(
    _ descriptor: Int32, count: Int
  ) throws(FileError) -> UnsafeRawPointer? {
    if count == 0 { return nil }
    let address = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0)
    guard unsafe address != MAP_FAILED, let address = unsafe address else {
      throw .failed(.map, code: errno)
    }
    return UnsafeRawPointer(address)
  }
}
