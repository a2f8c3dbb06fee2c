internal import RefluxLosses
internal import RefluxMemory

/// What a store may keep of a whole row of logits.
struct TeacherDistribution {
  /// The logarithm of the sum of the exponentials.
  let logSumExp: Float

  init(_ logits: View<Float>) { logSumExp = SoftmaxStatistics(logits).logSumExp }

  /// The probability of an id with this logit.
  func probability(_ logit: Float) -> Float { Float(exp(Double(logit) - Double(logSumExp))) }

  /// The entropy in nats: sum over v of p_v (logSumExp - x_v); an id without probability adds none.
  ///
  /// Cost: one exponential per id, in float64.
  func entropy(_ logits: View<Float>) -> Float {
    var sum = 0.0
    for id in 0..<logits.count {
      let surprise = Double(logSumExp) - Double(logits[id])
      if surprise.isFinite { sum += exp(-surprise) * surprise }
    }
    return Float(max(sum, 0))
  }
}
