internal import Foundation

/// What evaluation and sampling need of one row of logits, read-only.
public struct SoftmaxStatistics: Sendable {
  /// log sum_j e^(x_j).
  public let logSumExp: Float
  /// The largest logit; its probability is e^(maximum - logSumExp).
  public let maximum: Float

  /// One pass for the maximum and one for the sum, in float64 across blocks.
  public init(_ row: View<Float>) {
    let high = row.maximumValue()
    var total = 0.0
    var start = 0
    while start < row.count {
      let count = min(RowSoftmax.block, row.count - start)
      total += Double(Self.sumOfExponentials(row.slice(start, count), minus: high))
      start += count
    }
    maximum = high
    logSumExp = Float(Double(high) + log(total))
  }

  /// The first id that has the largest logit.
  public func argMax(_ row: View<Float>) -> Int {
    for index in 0..<row.count where row[index] == maximum { return index }
    return 0
  }

  @inline(__always)
  private static func sumOfExponentials(_ row: View<Float>, minus reference: Float) -> Float {
    let shift = Lanes(repeating: reference)
    var (a, b) = (Lanes(), Lanes())
    var index = 0
    while index + 32 <= row.count {
      a += exp(row.load(index) - shift)
      b += exp(row.load(index + 16) - shift)
      index += 32
    }
    var rest: Float = 0
    while index < row.count {
      rest += Foundation.exp(row[index] - reference)
      index += 1
    }
    return sum(a + b) + rest
  }

  /// sum_j min(p_j, q_j): the share of draws a speculative decoder with draft q keeps under p.
  public static func overlap(
    _ p: View<Float>, _ statisticsP: SoftmaxStatistics, _ q: View<Float>,
    _ statisticsQ: SoftmaxStatistics
  ) -> Double {
    var total = 0.0
    for start in stride(from: 0, to: p.count, by: RowSoftmax.block) {
      let count = min(RowSoftmax.block, p.count - start)
      var lanes = Lanes()
      for index in stride(from: 0, to: count, by: 16) {
        let live = min(16, count - index)
        let a = exp(
          p.slice(start, count).load(index, fill: -.infinity)
            - Lanes(repeating: statisticsP.logSumExp))
        let b = exp(
          q.slice(start, count).load(index, fill: -.infinity)
            - Lanes(repeating: statisticsQ.logSumExp))
        let smaller = a.replacing(with: b, where: b .< a)
        if live == 16 {
          lanes += smaller
        } else {
          for lane in 0..<live { lanes[lane] += smaller[lane] }
        }
      }
      total += Double(sum(lanes))
    }
    return total
  }
}

/// target_j <- e^(row_j - reference): unnormalised probabilities for sampling.
///
/// - Returns: the sum of each block of 1,024, in order, through `body`.
public func exponentials(
  of row: View<Float>, minus reference: Float, scale: Float = 1, into target: View<Float>,
  blockSum: (Int, Float) -> Void
) {
  for start in stride(from: 0, to: row.count, by: RowSoftmax.block) {
    let count = min(RowSoftmax.block, row.count - start)
    let (part, output) = (row.slice(start, count), target.slice(start, count))
    let (shift, factor) = (Lanes(repeating: reference), Lanes(repeating: scale))
    var total = Lanes()
    var index = 0
    while index + 16 <= count {
      let e = exp((part.load(index) - shift) * factor)
      output.store(e, index)
      total += e
      index += 16
    }
    var rest: Float = 0
    while index < count {
      output[index] = Foundation.exp((part[index] - reference) * scale)
      rest += output[index]
      index += 1
    }
    blockSum(start / RowSoftmax.block, sum(total) + rest)
  }
}
