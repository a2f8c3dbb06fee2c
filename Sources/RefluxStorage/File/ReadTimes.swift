#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Where a reader's time goes, in nanoseconds since it was made or `reset`; belongs to the thread
/// of the reader.
///
/// A reader without one spends a test of a pointer per block on it.
public final class ReadTimes {
  /// Finding blocks, bringing their bytes in and checking them.
  public private(set) var read: UInt64 = 0
  /// Decompressing and unpacking; where that goes straight into the caller's memory, all of it.
  public private(set) var decode: UInt64 = 0
  /// Widening and copying into the caller's memory.
  public private(set) var gather: UInt64 = 0
  private var last: UInt64 = 0

  /// Nothing so far.
  public init() {}

  /// Forgets everything.
  public func reset() { (read, decode, gather) = (0, 0, 0) }

  func begin() { last = Self.now }
  func endRead() { read += lap() }
  func endDecode() { decode += lap() }
  func endGather() { gather += lap() }

  private func lap() -> UInt64 {
    let now = Self.now
    defer { last = now }
    return now - last
  }

  private static var now: UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
