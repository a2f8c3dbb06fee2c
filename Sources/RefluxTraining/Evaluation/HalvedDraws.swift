internal import Foundation

/// What is left of an id's count when half of a position's draws are taken, any half being as
/// likely as any other.
struct HalvedDraws: Sendable {
  /// N, at least 2.
  let draws: Int
  /// n, half of them, rounded down.
  private let half: Int
  /// log k! for k in 0...N.
  private let logFactorials: [Double]

  init(draws: Int) {
    self.draws = draws
    half = draws / 2
    var (table, sum) = ([0.0], 0.0)
    for k in 1...draws {
      sum += log(Double(k))
      table.append(sum)
    }
    logFactorials = table
  }

  /// 1 / (sqrt(N / n) - 1).
  var factor: Double { 1 / ((Double(draws) / Double(half)).squareRoot() - 1) }

  /// The mean of min(x / n, limit), x being hypergeometric: how many of an id's `count` draws are
  /// among n of the N.
  ///
  /// Cost: an exponential per draw of the id.
  func mean(count: Int, atMost limit: Double) -> Double {
    let others = draws - count
    let whole = logChoices(draws, half)
    var sum = 0.0
    for x in max(1, half - others)..<max(min(count, half) + 1, max(1, half - others)) {
      let mass = exp(logChoices(count, x) + logChoices(others, half - x) - whole)
      sum += mass * min(Double(x) / Double(half), limit)
    }
    return sum
  }

  /// log of n choose k.
  private func logChoices(_ n: Int, _ k: Int) -> Double {
    logFactorials[n] - logFactorials[k] - logFactorials[n - k]
  }
}
