/// What tokens contribute to their store's fingerprint (SPEC.md, section 8.1): a sum over the
/// positions, so that any range can be checked alone and shards add up.
public enum TokenHash {
  /// The sum over `ids`, the first of which stands at `position`.
  ///
  /// - Complexity: about a nanosecond per id.
  public static func sum(_ ids: Span<UInt32>, position: Int) -> UInt64 {
    var sum: UInt64 = 0
    var place = UInt64(position) &* golden
    for index in 0..<ids.count {
      place &+= golden
      sum &+= mix(place &+ UInt64(ids[index]))
    }
    return sum
  }

  /// What one id contributes.
  public static func of(_ id: UInt32, position: Int) -> UInt64 {
    mix((UInt64(position) &+ 1) &* golden &+ UInt64(id))
  }

  private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
  @inline(__always)
  private static func mix(_ value: UInt64) -> UInt64 {
    var x = value
    x = (x ^ (x &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    x = (x ^ (x &>> 27)) &* 0x94D0_49BB_1331_11EB
    return x ^ (x &>> 31)
  }
}
