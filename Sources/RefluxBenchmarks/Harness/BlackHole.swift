internal import Synchronization

/// Where results go that nobody reads: work whose result vanished would be optimised away.
enum BlackHole {
  private static let sink = Atomic<UInt64>(0)

  /// Uses `value` in a way that the compiler cannot leave out.
  ///
  /// Never inlined, so that a caller's loop cannot be moved past it. Cost: one atomic operation;
  /// call it once per run, not per item.
  @inline(never)
  static func consume(_ value: UInt64) {
    sink.bitwiseXor(value, ordering: .relaxed)
  }
}
