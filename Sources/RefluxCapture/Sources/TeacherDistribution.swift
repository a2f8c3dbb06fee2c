internal import RefluxLosses
internal import RefluxMemory

/// What a store may keep of a whole row of logits x: p is the softmax of x / T.
struct TeacherDistribution {
  /// The logarithm of the sum of the exponentials of x / T.
  let logSumExp: Float
  private let statistics: SoftmaxStatistics
  private let temperature: Double

  /// - Complexity: two readings of the row, three at another temperature than 1.
  init(_ logits: View<Float>, temperature: Double = 1) {
    statistics = SoftmaxStatistics(logits)
    self.temperature = temperature
    if temperature == 1 {
      logSumExp = statistics.logSumExp
    } else {
      let logMass = statistics.logMass(logits, scale: 1 / temperature)
      logSumExp = Float(Double(statistics.maximum) / temperature + logMass)
    }
  }

  /// The probability of an id with this logit.
  func probability(_ logit: Float) -> Float {
    Float(exp(Double(logit) / temperature - Double(logSumExp)))
  }

  /// The entropy in nats: sum over v of p_v (logSumExp - x_v / T); an id without probability adds
  /// none.
  ///
  /// - Complexity: one exponential per id, in float64.
  func entropy(_ logits: View<Float>) -> Float {
    var sum = 0.0
    for id in 0..<logits.count {
      let surprise = Double(logSumExp) - Double(logits[id]) / temperature
      if surprise.isFinite { sum += exp(-surprise) * surprise }
    }
    return Float(max(sum, 0))
  }

  /// The sum over v of p_v^gamma, as e^(lse(gamma x / T) - gamma lse(x / T)) in float64; 1 at a
  /// gamma of 1. Error: (1 + gamma) 1e-6 of it.
  ///
  /// - Complexity: two readings of the row.
  func power(_ logits: View<Float>, gamma: Double) -> Float {
    let whole = statistics.logMass(logits, scale: 1 / temperature)
    let powers = statistics.logMass(logits, scale: gamma / temperature)
    return Float(exp(powers - gamma * whole))
  }
}
