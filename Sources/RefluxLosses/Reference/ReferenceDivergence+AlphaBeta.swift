internal import RefluxMemory

extension ReferenceDivergence {
  /// -(t^a q^b - a / (a + b) t^(a + b) - b / (a + b) q^(a + b)) / (a b), with its limits where a, b
  /// or a + b is within 1e-4 of 0.
  func alphaBeta(
    _ t: ReferenceShare, _ q: ReferenceShare, _ a: Double, _ b: Double
  ) -> (Double, Double) {
    // Ids that neither side knows say nothing.
    if t.value == 0 && q.value == 0 { return (0, 0) }
    return (loss(t, q, a, b), slope(t, q, a, b))
  }

  private func isSmall(_ value: Double) -> Bool { abs(value) < 1e-4 }

  private func power(_ share: ReferenceShare, _ exponent: Double) -> Double {
    exponent == 0 ? 1 : exp(exponent * share.log)
  }

  private func loss(_ t: ReferenceShare, _ q: ReferenceShare, _ a: Double, _ b: Double) -> Double {
    let gap = q.log - t.log
    let sum = a + b
    switch (isSmall(a), isSmall(b), isSmall(sum)) {
    case (true, true, _): return 0.5 * gap * gap
    case (true, _, _): return limit(power(q, b), power(t, b), b * gap) / (b * b)
    case (_, true, _): return limit(power(t, a), power(q, a), -a * gap) / (a * a)
    case (_, _, true): return (a * gap + exp(-a * gap) - 1) / (a * a)
    default:
      let product = a * t.log + b * q.log
      return -(exp(product) - a / sum * power(t, sum) - b / sum * power(q, sum)) / (a * b)
    }
  }

  /// x log(x / y) - x + y.
  private func limit(_ x: Double, _ y: Double, _ logarithm: Double) -> Double {
    (x == 0 ? 0 : x * logarithm) - x + y
  }

  /// q^b (q^a - t^a) / a, formed so that no power of a small q overflows.
  private func slope(_ t: ReferenceShare, _ q: ReferenceShare, _ a: Double, _ b: Double) -> Double {
    let scale = power(q, b)
    if scale == 0 { return 0 }
    if isSmall(a) { return scale * (q.log - t.log) }
    if isSmall(a + b) { return (1 - exp(a * (t.log - q.log))) / a }
    return (power(q, a + b) - scale * power(t, a)) / a
  }
}
