internal import RefluxMemory

/// Splits the independent draws of a position in every way into those that judge and those that
/// count, for a bound of sum_v min(t_v, p_v) from above.
///
/// For any set T of ids sum_v min(t_v, p_v) <= p(T) + 1 - t(T). T may be chosen by some of the
/// draws, the ids whose share among them is at least p_v, as long as t(T) is then estimated by the
/// others: the mean is unbiased for that sum, and so never below. What it is above is |t_v - p_v|
/// of the ids that were put on the wrong side: nothing where t = p.
struct SplitDraws: Sendable {
  /// N, at least 1.
  let draws: Int
  /// n, half of them, rounded down.
  private let half: Int
  /// More draws are not halved: a header may claim billions of them.
  private static let limit = 1 << 16
  /// log k! for k in 0...N, up to the limit.
  private let logFactorials: [Double]

  init(draws: Int) {
    self.draws = draws
    half = draws / 2
    var (table, sum) = ([0.0], 0.0)
    for k in 1...min(max(draws, 1), Self.limit) {
      sum += log(Double(k))
      table.append(sum)
    }
    logFactorials = table
  }

  /// 1 / (sqrt((N - 1) / n) - 1): how much further the bound is taken to fall than from n judges to
  /// N - 1, if what it is above falls with their root. Nil for less than three draws, and for so
  /// many that it is of no weight.
  var factor: Double? {
    draws < 3 || draws > Self.limit
      ? nil : 1 / ((Double(draws - 1) / Double(half)).squareRoot() - 1)
  }

  /// What an id adds to p(T) - t(T) where all draws but one judge: the mean over that one.
  func leavingOneOut(count: Int, probability p: Double) -> Double {
    let (count, all, judges) = (Double(count), Double(draws), Double(draws - 1))
    var sum = 0.0
    if count >= p * judges, judges > 0 { sum += (1 - count / all) * p }
    if count > 1, count - 1 >= p * judges { sum += count / all * (p - 1) }
    return sum
  }

  /// The same where n of the draws judge: the mean over all choices.
  ///
  /// - Complexity: an exponential per draw of the id.
  func halving(count: Int, probability p: Double) -> Double {
    if half < 1 || draws > Self.limit { return 0 }
    let (others, judges) = (draws - count, Double(half))
    let least = max(1, half - others, Int((p * judges).rounded(.up)))
    if least > min(count, half) { return 0 }
    let whole = logChoices(draws, half)
    var sum = 0.0
    for x in least...min(count, half) {
      let mass = exp(logChoices(count, x) + logChoices(others, half - x) - whole)
      sum += mass * (p - Double(count - x) / Double(draws - half))
    }
    return sum
  }

  /// log of n choose k.
  private func logChoices(_ n: Int, _ k: Int) -> Double {
    logFactorials[n] - logFactorials[k] - logFactorials[n - k]
  }
}
