internal import RefluxLosses
internal import RefluxMemory

/// What a store may keep of a whole row of logits x: p is the softmax of x / T.
struct TeacherDistribution {
  /// The logarithm of the sum of the exponentials of x / T.
  let logSumExp: Float
  private let maximum: Double
  private let temperature: Double

  /// - Complexity: two readings of the row; at another temperature than 1 an exponential per id in
  ///   float64.
  init(_ logits: View<Float>, temperature: Double = 1) {
    let statistics = SoftmaxStatistics(logits)
    maximum = Double(statistics.maximum)
    self.temperature = temperature
    if temperature == 1 {
      logSumExp = statistics.logSumExp
    } else {
      let sum = Self.sum(logits, minus: maximum, scale: 1 / temperature)
      logSumExp = Float(maximum / temperature + log(sum))
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

  /// The sum over v of p_v^gamma, as e^(lse(gamma x / T) - gamma lse(x / T)): the float32 nearest to
  /// it, but for a rounding of float64.
  ///
  /// - Complexity: two exponentials per id, in float64.
  func power(_ logits: View<Float>, gamma: Double) -> Float {
    let whole = Self.sum(logits, minus: maximum, scale: 1 / temperature)
    let powers = Self.sum(logits, minus: maximum, scale: gamma / temperature)
    return Float(exp(log(powers) - gamma * log(whole)))
  }

  /// The sum over v of e^(scale (x_v - maximum)).
  private static func sum(_ logits: View<Float>, minus maximum: Double, scale: Double) -> Double {
    var sum = 0.0
    for id in 0..<logits.count { sum += exp(scale * (Double(logits[id]) - maximum)) }
    return sum
  }
}
