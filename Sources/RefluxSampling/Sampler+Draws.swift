internal import Foundation
internal import RefluxKernels
internal import RefluxRandom

extension Sampler {
  /// Draws `rounds` ids: the ids under the points of the row's distribution function.
  mutating func draw(
    _ logits: View<Float>, _ maximum: Float, _ total: Double, _ position: UInt64
  ) {
    var random = RandomStream(seed: configuration.seed, stream: position)
    switch configuration.estimator {
    case .multinomial: points.fillIndependent(&random)
    case .systematic, .topk: points.fillSystematic(&random)
    }
    locate(logits, maximum, total)
    if configuration.tau == 1 {
      for count in counts { weights.append(Float(count) / Float(configuration.rounds)) }
    } else {
      let teacherTotal = scratch.masses.fill(logits, minus: maximum)
      weigh(logits, maximum, proposalPerTeacher: total / teacherTotal)
    }
  }

  /// (t_i / q_i) count_i / N, not normalised, with t_i / q_i = e^((1 - tau) (x_i - maximum)) times
  /// the ratio of the two sums.
  private mutating func weigh(
    _ logits: View<Float>, _ maximum: Float, proposalPerTeacher ratio: Double
  ) {
    let scale = ratio / Double(configuration.rounds)
    for (id, count) in zip(ids, counts) {
      let below = Double(logits[Int(id)]) - Double(maximum)
      weights.append(Float(Double(count) * scale * exp((1 - configuration.tau) * below)))
    }
  }

  /// Finds the ids under all points; those that rounding puts behind the whole row go to the last
  /// id of any mass.
  private mutating func locate(_ logits: View<Float>, _ maximum: Float, _ total: Double) {
    let drawn = scratch.ids
    let found = scratch.masses.draw(
      points.fractions.span, from: logits, minus: maximum, scale: configuration.tau, total: total,
      into: drawn)
    var index = 0
    while index < found {
      let first = index
      while index < found, drawn[index] == drawn[first] { index += 1 }
      append(drawn[first], index - first)
    }
    if found == points.fractions.count { return }
    let last = (0..<vocabularySize).last {
      RowMasses.hasMass(logits[$0], minus: maximum, scale: configuration.tau)
    }
    append(UInt32(last ?? 0), points.fractions.count - found)
  }

  /// Ids come in ascending order.
  private mutating func append(_ id: UInt32, _ count: Int) {
    if ids.last == id {
      counts[counts.count - 1] += UInt32(count)
    } else {
      ids.append(id)
      counts.append(UInt32(count))
    }
  }
}
