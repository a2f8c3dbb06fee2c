internal import RefluxMemory
internal import RefluxTargets

/// A target t that is affine in the teacher's weights w: L = sum t log(t / q), dL/dz = a q - t with
/// a = sum t.
enum AffineTarget: Sendable {
  /// t = w: counts of draws, or a top-K set as it is.
  case plain
  /// The rest in equal parts to all ids.
  case uniform
  /// The rest to the label.
  case toLabel
  /// LBF: t = share w / S + (1 - share) e_y, where nil is S / (1 + S), and only the k largest
  /// count.
  case fused(share: Double?, k: Int)
  /// KD-pt: p_y for the label, the rest in equal parts to all others.
  case labelShare
  /// KD-topk: w on the k largest, the rest in equal parts to all others.
  case topShares(k: Int)
  /// WTTM of draws: t = w, the row times U.
  case weighted

  /// Whether every id has mass.
  var isSpread: Bool {
    switch self {
    case .uniform, .labelShare, .topShares: true
    case .plain, .toLabel, .fused, .weighted: false
    }
  }

  var usesRest: Bool {
    switch self {
    case .plain, .weighted, .fused, .labelShare: false
    case .uniform, .toLabel, .topShares: true
    }
  }
}

extension RowLoss {
  /// The ids and masses of an affine target.
  func entries<Element: Scalar>(
    of affine: AffineTarget, _ target: RowTarget, _ row: View<Element>
  ) -> SetEntries {
    guard let set = target.set else { return SetEntries(scratch: scratch) }
    switch affine {
    case .plain, .weighted: return SetEntries(set, row: row, scratch: scratch)
    case .uniform:
      let rest = max(0, 1 - set.mass) / Double(row.count)
      return SetEntries(set, uniform: rest, row: row, scratch: scratch)
    case .toLabel:
      let rest = max(0, 1 - set.mass)
      let own = copy(set, label: target.label)
      if let place = own.labelPlace { own.set.weights[place] += Float(rest) }
      return SetEntries(own.set, row: row, scratch: scratch)
    case .fused(let share, let k): return fused(share, k, set, target.label, row)
    case .labelShare: return labelShare(target, set, row)
    case .topShares(let k):
      let top = largest(k, of: set)
      let others = row.count - top.ids.count
      let rest = others == 0 ? 0 : max(0, 1 - top.mass) / Double(others)
      for place in 0..<top.ids.count { top.weights[place] -= Float(rest) }
      return SetEntries(top, uniform: rest, row: row, scratch: scratch)
    }
  }

  private func fused<Element: Scalar>(
    _ share: Double?, _ k: Int, _ set: SampleSet, _ label: Int?, _ row: View<Element>
  ) -> SetEntries {
    let top = largest(k, of: set)
    let mass = top.mass
    let own = copy(top, label: label)
    let part = share ?? mass / (1 + mass)
    let factor = mass > 0 ? Float(part / mass) : 0
    for place in 0..<own.set.ids.count { own.set.weights[place] *= factor }
    if let place = own.labelPlace { own.set.weights[place] += Float(1 - part) }
    return SetEntries(own.set, row: row, scratch: scratch)
  }

  private func labelShare<Element: Scalar>(
    _ target: RowTarget, _ set: SampleSet, _ row: View<Element>
  ) -> SetEntries {
    let label = target.label ?? 0
    // A recorded one may be above 1 by its rounding.
    let share = min(labelProbability(target, set), 1)
    let rest = row.count == 1 ? 0 : (1 - share) / Double(row.count - 1)
    (scratch.ids[0], scratch.weights[0]) = (UInt32(label), Float(share - rest))
    let own = SampleSet(ids: scratch.ids.slice(0, 1), weights: scratch.weights.slice(0, 1))
    return SetEntries(own, uniform: rest, row: row, scratch: scratch)
  }

  /// Forward KL and its gradient, one softmax for all ids.
  func gradient(
    of affine: AffineTarget, _ set: SetEntries, _ target: RowTarget, _ all: RowSoftmax,
    _ size: Int
  ) -> RowGradient {
    var own = RowGradient(set.weights, all)
    let mass = affine.isSpread ? set.total(size) : set.mass
    let terms = set.terms(temperature: temperature, sum: all.logitSum, vocabularySize: size)
    own.loss = terms + mass * all.logSumExp
    (own.inside, own.outside, own.offset) = (mass, mass, -set.uniform)
    if case .fused(let share?, _) = affine {
      // share KL(r || q) + (1 - share) CE: less the entropy that the sum of both targets has.
      own.loss += mixtureEntropy(set, target.label, share)
    }
    if case .weighted = affine { own.scale(by: target.scalars[.power] ?? 1) }
    return own
  }

  /// sum t log t of share r beside that of t = share r + (1 - share) e_y.
  private func mixtureEntropy(_ set: SetEntries, _ label: Int?, _ share: Double) -> Double {
    var entropy = 0.0
    for place in 0..<set.count {
      let rest = Int(set.ids[place]) == label ? 1 - share : 0
      let part = Double(set.weights[place]) - rest
      if part > 0 { entropy += part * log(part / share) }
    }
    return entropy - set.entropy
  }
}

extension RowGradient {
  /// The row's loss and gradient, times a constant.
  mutating func scale(by factor: Double) {
    loss *= factor
    inside *= factor
    outside *= factor
    offset *= factor
    share *= factor
    label = label.map { $0 * factor }
  }
}
