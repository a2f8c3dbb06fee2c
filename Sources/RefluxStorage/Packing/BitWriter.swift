/// Writes numbers of a few bits into memory, lowest bit first.
///
/// Whoever makes one vouches for the memory: eight bytes more than are written.
@safe
struct BitWriter {
  private let start: UnsafeMutableRawPointer
  /// Whole bytes written.
  private var bytes = 0
  private var pending: UInt64 = 0
  private var pendingBits = 0

  init(_ start: UnsafeMutableRawPointer) {
    unsafe self.start = start
  }

  /// Appends the lowest `count` bits of `value`, whose other bits are zero; at most 56.
  @inline(__always)
  mutating func write(_ value: UInt64, count: Int) {
    pending |= value &<< UInt64(truncatingIfNeeded: pendingBits)
    pendingBits &+= count
    unsafe start.storeBytes(of: pending.littleEndian, toByteOffset: bytes, as: UInt64.self)
    bytes &+= pendingBits &>> 3
    pending = pending &>> UInt64(truncatingIfNeeded: pendingBits & ~7)
    pendingBits &= 7
  }
}
