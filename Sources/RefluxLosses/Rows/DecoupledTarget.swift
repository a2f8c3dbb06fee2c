internal import RefluxMemory
internal import RefluxTargets

/// DKD: alpha TCKD + beta NCKD.
struct DecoupledTarget: Sendable {
  let alpha: Double
  /// Nil is 1 - p_y of each row, which makes it the forward KL.
  let beta: Double?
  /// Bound of 1 / (1 - p_y); infinite for none.
  let cap: Double
  /// Whether the set is of draws, whose rest is nothing.
  let isDrawn: Bool

  init(_ choice: ObjectiveChoice, isDrawn: Bool) {
    alpha = choice.number("alpha")
    beta = choice.word("beta") == "kd" ? nil : choice.number("beta")
    let bound = choice.number("cap")
    cap = bound == 0 ? .infinity : bound
    self.isDrawn = isDrawn
  }

  /// u = p / (1 - p_y), at most `cap` times p.
  func factor(_ label: Double) -> Double { label >= 1 ? 0 : min(1 / (1 - label), cap) }
}

extension RowLoss {
  /// u on the other ids, then the label with 0.
  func others(_ decoupled: DecoupledTarget, _ target: RowTarget) -> SampleSet {
    guard let set = target.set, let label = target.label else {
      return SampleSet(ids: scratch.ids.slice(0, 0), weights: scratch.weights.slice(0, 0))
    }
    let factor = Float(decoupled.factor(labelProbability(target, set)))
    var count = 0
    for place in 0..<set.ids.count where Int(set.ids[place]) != label {
      (scratch.ids[count], scratch.weights[count]) = (set.ids[place], factor * set.weights[place])
      count += 1
    }
    (scratch.ids[count], scratch.weights[count]) = (UInt32(label), 0)
    count += 1
    return SampleSet(ids: scratch.ids.slice(0, count), weights: scratch.weights.slice(0, count))
  }

  /// With gap = q_y - p_y, q^ the softmax of all ids but the label and s = sum u:
  /// dL/dz_y = alpha gap, dL/dz_j = (beta s - alpha gap) q^_j - beta u_j.
  func decoupled(
    _ decoupled: DecoupledTarget, _ set: SetEntries, _ target: RowTarget, _ student: Student,
    size: Int
  ) -> RowGradient {
    let count = set.count - 1
    let p = target.set.map { labelProbability(target, $0) } ?? 0
    let apart = student.others.joined(with: set.logits.slice(0, count), scratch: scratch)
    let (logLabel, logOther) = (
      student.all.logProbability(set.logits[count]), apart.logSumExp - student.all.logSumExp
    )
    let gap = exp(logLabel) - p
    let factor = decoupled.factor(p)
    let hasRest = !decoupled.isDrawn && set.count < size
    let rest = hasRest ? max(0, (1 - p) * factor - set.mass) : 0
    let (sum, beta) = (set.mass + rest, decoupled.beta ?? 1 - p)
    let outside = student.others.share(of: apart)
    var own = RowGradient(set.weights, apart)
    own.inside = beta * sum - decoupled.alpha * gap
    own.outside = own.inside * outside - beta * rest
    own.share = beta
    own.label = decoupled.alpha * gap
    own.isCapped = p < 1 && 1 / (1 - p) > decoupled.cap
    let terms = set.terms(temperature: temperature) + set.mass * apart.logSumExp
    let others = ReferenceShare.klTerm(rest, log(outside))
    let binary =
      ReferenceShare.klTerm(p, logLabel) + ReferenceShare.klTerm(1 - p, logOther)
    own.loss = decoupled.alpha * binary + beta * (terms + others)
    return own
  }
}
