import RefluxProfiling

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
  private var stopwatch = Stopwatch()

  /// Nothing so far.
  public init() {}

  /// Forgets everything.
  public func reset() { (read, decode, gather) = (0, 0, 0) }

  func begin() { stopwatch.restart() }
  func endRead() { read += lap() }
  func endDecode() { decode += lap() }
  func endGather() { gather += lap() }

  private func lap() -> UInt64 { UInt64(stopwatch.restart() * 1e9) }
}
