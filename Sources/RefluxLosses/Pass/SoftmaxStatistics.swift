internal import CRows
public import RefluxMemory

/// What evaluation and sampling need of one row of logits, read-only.
public struct SoftmaxStatistics: Sendable {
  /// log sum_j e^(x_j).
  public let logSumExp: Float
  /// The largest logit; its probability is e^(maximum - logSumExp).
  public let maximum: Float

  /// One pass for the maximum and one for the sum, in float64 across blocks.
  public init(_ row: View<Float>) {
    let table = unsafe InstructionSet.best.table.pointee
    var parts = InlineArray<64, Float>(repeating: 0)
    var span = parts.mutableSpan
    maximum = unsafe span.withUnsafeMutableBufferPointer { parts in
      unsafe table.maxima!(row.base, row.count, parts.baseAddress)
    }
    let total = unsafe table.mass!(row.base, row.count, maximum, Float(1.442_695_040_888_963_4))
    logSumExp = Float(Double(maximum) + log(total))
  }

  /// The first id that has the largest logit.
  public func argMax(_ row: View<Float>) -> Int {
    for index in 0..<row.count where row[index] == maximum { return index }
    return 0
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
