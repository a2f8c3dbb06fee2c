internal import RefluxMemory

/// D = sum f(t, q) over ids or buckets, term by term.
enum ReferenceDivergence: Sendable {
  case forward
  case reverse
  /// w FKL + (1 - w) RKL.
  case mixed(Double)
  /// beta weights the teacher, strictly between 0 and 1.
  case jensenShannon(Double)
  case skew(Double)
  case skewReverse(Double)
  case totalVariation
  case alphaBeta(Double, Double)
  /// w FKL + (1 - w) RKL with w = t / (t + q), which is held constant.
  case balanced

  /// f(t, q), and q df/dq: the derivative times q stays finite where q vanishes.
  func term(_ t: ReferenceShare, _ q: ReferenceShare) -> (loss: Double, slope: Double) {
    switch self {
    case .forward:
      (ReferenceShare.entropyTerm(t.value, t.log, q.log), -t.value)
    case .reverse: reverse(t, q)
    case .mixed(let share): mixed(t, q, share)
    case .jensenShannon(let beta):
      jensenShannon(t, q, beta, middle: ReferenceShare.log(beta, t, 1 - beta, q))
    case .skew(let alpha):
      skew(t, q, alpha, middle: ReferenceShare.log(alpha, t, 1 - alpha, q))
    case .skewReverse(let alpha):
      skewReverse(t, q, alpha, middle: ReferenceShare.log(1 - alpha, t, alpha, q))
    case .totalVariation:
      (0.5 * abs(t.value - q.value), 0.5 * ReferenceRow.sign(q.value - t.value) * q.value)
    case .alphaBeta(let a, let b): alphaBeta(t, q, a, b)
    case .balanced: balanced(t, q)
    }
  }

  /// q log(q / t).
  private func reverse(_ t: ReferenceShare, _ q: ReferenceShare) -> (Double, Double) {
    let loss = ReferenceShare.entropyTerm(q.value, q.log, t.log)
    return (loss, loss + q.value)
  }

  /// b t log(t / m) + (1 - b) q log(q / m) with m = b t + (1 - b) q.
  private func jensenShannon(
    _ t: ReferenceShare, _ q: ReferenceShare, _ beta: Double, middle: Double
  ) -> (Double, Double) {
    let fromStudent = (1 - beta) * ReferenceShare.entropyTerm(q.value, q.log, middle)
    return (beta * ReferenceShare.entropyTerm(t.value, t.log, middle) + fromStudent, fromStudent)
  }

  /// t log(t / m) with m = a t + (1 - a) q.
  private func skew(
    _ t: ReferenceShare, _ q: ReferenceShare, _ alpha: Double, middle: Double
  ) -> (Double, Double) {
    let share = t.value == 0 ? 0 : exp(q.log - middle)
    return (
      ReferenceShare.entropyTerm(t.value, t.log, middle), -(1 - alpha) * t.value * share
    )
  }

  /// q log(q / m) with m = (1 - a) t + a q.
  private func skewReverse(
    _ t: ReferenceShare, _ q: ReferenceShare, _ alpha: Double, middle: Double
  ) -> (Double, Double) {
    let loss = ReferenceShare.entropyTerm(q.value, q.log, middle)
    let share = q.value == 0 ? 0 : exp(q.log - middle)
    return (loss, loss + q.value * (1 - alpha * share))
  }

  private func balanced(_ t: ReferenceShare, _ q: ReferenceShare) -> (Double, Double) {
    if t.value == 0 && q.value == 0 { return (0, 0) }
    return mixed(t, q, t.value / (t.value + q.value))
  }

  private func mixed(
    _ t: ReferenceShare, _ q: ReferenceShare, _ w: Double
  ) -> (Double, Double) {
    let (forward, backward) = (ReferenceDivergence.forward.term(t, q), reverse(t, q))
    func sum(_ one: Double, _ other: Double) -> Double {
      (w == 0 ? 0 : w * one) + (w == 1 ? 0 : (1 - w) * other)
    }
    return (sum(forward.loss, backward.0), sum(forward.slope, backward.1))
  }
}
