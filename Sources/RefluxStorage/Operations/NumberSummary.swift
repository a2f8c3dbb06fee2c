/// The least, the mean and the most of numbers, gathered one by one.
public struct NumberSummary: Equatable, Sendable {
  /// How many there were.
  public private(set) var count = 0
  /// The least and the most; 0 where there were none.
  public private(set) var least = 0.0
  public private(set) var most = 0.0
  private var sum = 0.0

  /// The mean; 0 where there were none.
  public var mean: Double { count == 0 ? 0 : sum / Double(count) }

  mutating func add(_ number: Double) {
    least = count == 0 ? number : min(least, number)
    most = count == 0 ? number : max(most, number)
    sum += number
    count += 1
  }
}

/// How often each whole number from 0 on was met.
public struct CountHistogram: Equatable, Sendable {
  /// The number of times that its index was met; as long as the largest number needs.
  public private(set) var counts: [Int] = []
  /// How many numbers there were.
  public private(set) var total = 0

  mutating func add(_ number: Int) {
    if number >= counts.count {
      counts += Array(repeating: 0, count: number + 1 - counts.count)
    }
    counts[number] += 1
    total += 1
  }

  /// The sum of all numbers.
  public var sum: Int { counts.enumerated().reduce(0) { $0 + $1.offset * $1.element } }
  /// The mean; 0 without numbers.
  public var mean: Double { total == 0 ? 0 : Double(sum) / Double(total) }
  /// The largest number; 0 without numbers.
  public var largest: Int { max(counts.count - 1, 0) }
  /// The smallest number; 0 without numbers.
  public var smallest: Int { counts.firstIndex { $0 > 0 } ?? 0 }

  /// The smallest number that at least `share` of all do not exceed.
  public func quantile(_ share: Double) -> Int {
    let wanted = Int((share * Double(total)).rounded(.up))
    var passed = 0
    for (number, count) in counts.enumerated() {
      passed += count
      if passed >= max(wanted, 1) { return number }
    }
    return 0
  }
}
