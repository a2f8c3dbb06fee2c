internal import RefluxMemory

extension LossReference {
  /// The mean over the vocabulary of (z - z')^2, each row's mean gap taken off where `isCentred`.
  static func squares(_ row: ReferenceRow, isCentred: Bool) -> RowResult {
    var gaps = gaps(row)
    let count = Double(row.size)
    if isCentred {
      let mean = gaps.reduce(0, +) / count
      gaps = gaps.map { $0 - mean }
    }
    return (gaps.reduce(0) { $0 + $1 * $1 } / count, gaps.map { 2 * $0 / count })
  }

  /// z - z'; 0 where neither side has a probability.
  private static func gaps(_ row: ReferenceRow) -> [Double] {
    ReferencePairs(row.logits, row.teacher ?? []).map { $0 == $1 ? 0 : $0 - $1 }
  }

  /// BinaryKL-Norm: tau^2 sum_j log cosh((z - z') / (2 tau)).
  static func dualHead(_ row: ReferenceRow, _ objective: ObjectiveChoice) -> RowResult {
    let (tau, weight) = (objective.number("tau"), objective.number("weight"))
    let halves = gaps(row).map { $0 / (2 * tau) }
    let loss = halves.reduce(0) { sum, half in
      sum + abs(half) + log1p(exp(-2 * abs(half))) - log(2)
    }
    return (weight * tau * tau * loss, halves.map { weight * tau / 2 * tanh($0) })
  }

  /// BinaryKL: tau^2 sum_j KL between the two coins sigmoid(z' / tau) and sigmoid(z / tau).
  static func binaryKL(_ row: ReferenceRow, tau: Double) -> RowResult {
    func coin(_ x: Double) -> (ReferenceShare, ReferenceShare) {
      (ReferenceShare(log: -softplus(-x / tau)), ReferenceShare(log: -softplus(x / tau)))
    }
    func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
    var (loss, gradient): (Double, [Double]) = (0, [])
    for (z, teacher) in zip(row.logits, row.teacher ?? []) {
      let (q, p) = (coin(z), coin(teacher))
      loss += ReferenceShare.entropyTerm(p.0.value, p.0.log, q.0.log)
      loss += ReferenceShare.entropyTerm(p.1.value, p.1.log, q.1.log)
      gradient.append(tau * (q.0.value - p.0.value))
    }
    return (tau * tau * loss, gradient)
  }

  /// What a body with two heads is updated with: the gradient of distillation loses its part
  /// against that of the label, where there is one, and both are added.
  public static func aligned(label: [Double], distillation: [Double]) -> [Double] {
    precondition(label.count == distillation.count)
    let product = zip(label, distillation).reduce(0) { $0 + $1.0 * $1.1 }
    let norm = label.reduce(0) { $0 + $1 * $1 }
    let against = product < 0 ? product / norm : 0
    return ReferencePairs(label, distillation).map { $0 + $1 - against * $0 }
  }
}
