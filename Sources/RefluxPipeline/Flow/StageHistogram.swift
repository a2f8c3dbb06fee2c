/// How often something took how long: counts in classes that double.
///
/// Class c counts what took at least 2^c and less than 2^(c + 1) nanoseconds; the first one also
/// what took none.
public struct StageHistogram: Sendable, Equatable {
  /// How often.
  public private(set) var counts: InlineArray<48, Int> = .init(repeating: 0)
  /// All of them together, in nanoseconds.
  public private(set) var nanoseconds: UInt64 = 0

  /// Nothing so far.
  public init() {}

  /// How often something was added.
  public var count: Int {
    var sum = 0
    for index in 0..<48 { sum += counts[index] }
    return sum
  }

  /// Counts one that took so long.
  public mutating func add(nanoseconds value: UInt64) {
    counts[min(47, max(0, 63 - value.leadingZeroBitCount))] += 1
    nanoseconds += value
  }

  /// The end of the class in which a share `q` (0...1) of them ends, in nanoseconds; 0 without any.
  public func quantile(_ q: Double) -> UInt64 {
    let wanted = Int((q * Double(count)).rounded(.up))
    var sum = 0
    for index in 0..<48 {
      sum += counts[index]
      if sum >= max(wanted, 1) { return 1 << UInt64(index + 1) }
    }
    return 0
  }

  /// Whether two have the same counts and sum.
  public static func == (lhs: StageHistogram, rhs: StageHistogram) -> Bool {
    lhs.nanoseconds == rhs.nanoseconds && (0..<48).allSatisfy { lhs.counts[$0] == rhs.counts[$0] }
  }
}
