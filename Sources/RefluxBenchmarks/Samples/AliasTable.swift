internal import RefluxRandom

/// Draws from a fixed distribution over 0..<count in constant time.
///
/// Every index has a slot of equal width that it shares with one other index, its alias. Source:
/// Vose, "A linear algorithm for generating random numbers with a given distribution" (1991).
struct AliasTable: Sendable {
  /// The share of a slot that belongs to its own index, as a fraction of 2^64.
  private var thresholds: [UInt64]
  private var aliases: [UInt32]

  /// The distribution in proportion to `weights`: positive and finite, 1 to 2^32 of them.
  init(weights: [Double]) {
    let scale = Double(weights.count) / weights.reduce(0, +)
    var shares = weights.map { $0 * scale }
    thresholds = Array(repeating: .max, count: weights.count)
    aliases = weights.indices.map { UInt32($0) }
    var small = weights.indices.filter { shares[$0] < 1 }
    var large = weights.indices.filter { shares[$0] >= 1 }
    // What rounding leaves in either list owns its slot whole.
    while let low = small.popLast(), let high = large.popLast() {
      thresholds[low] = UInt64(shares[low] * 0x1p64)
      aliases[low] = UInt32(high)
      shares[high] -= 1 - shares[low]
      if shares[high] < 1 { small.append(high) } else { large.append(high) }
    }
  }

  /// The next index; uses one word of the stream.
  func draw(_ stream: inout RandomStream) -> Int {
    let (slot, fraction) = stream.next().multipliedFullWidth(by: UInt64(aliases.count))
    return fraction < thresholds[Int(slot)] ? Int(slot) : Int(aliases[Int(slot)])
  }
}
