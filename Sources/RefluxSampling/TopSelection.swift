/// The `limit` largest of a sequence of logits that comes in order of ids; ties go to lower ids.
///
/// Keeps at most twice the limit and throws the smaller half away when full, so any sequence of n
/// logits costs O(n log limit), a sequence in random order close to O(n).
struct TopSelection: Sendable {
  private let limit: Int
  /// Keys ascend as logits descend, ids ascend among equals.
  private var keys: [UInt64] = []
  /// What a logit must exceed to be among the largest.
  private(set) var threshold: Float = -.infinity

  init(limit: Int) {
    self.limit = limit
    keys.reserveCapacity(2 * limit)
  }

  /// Begins again.
  ///
  /// - Parameter bound: a number that at least `limit` logits will reach.
  mutating func begin(bound: Float) {
    keys.removeAll(keepingCapacity: true)
    threshold = bound.nextDown
  }

  /// Takes a logit that exceeds the threshold.
  mutating func insert(_ logit: Float, id: UInt32) {
    keys.append(Self.key(logit, id))
    if keys.count == 2 * limit { prune() }
  }

  /// Calls `body` with the ids kept, in ascending order.
  mutating func finish(_ body: (UInt32) -> Void) {
    prune()
    for index in keys.indices { keys[index] &= 0xFFFF_FFFF }
    keys.sort()
    for key in keys { body(UInt32(key)) }
  }

  private mutating func prune() {
    keys.sort()
    guard keys.count >= limit else { return }
    keys.removeLast(keys.count - limit)
    threshold = Self.logit(keys[limit - 1])
  }

  /// The bits of a float, arranged so that they order as unsigned numbers, descending.
  private static func key(_ logit: Float, _ id: UInt32) -> UInt64 {
    let bits = (logit == 0 ? 0 : logit).bitPattern
    let ascending = bits >> 31 == 1 ? ~bits : bits | 1 << 31
    return UInt64(~ascending) << 32 | UInt64(id)
  }

  private static func logit(_ key: UInt64) -> Float {
    let ascending = ~UInt32(key >> 32)
    return Float(bitPattern: ascending >> 31 == 1 ? ascending & ~(1 << 31) : ~ascending)
  }
}
