internal import RefluxMemory
internal import RefluxTargets

/// Two passes over the row, in place: q and p are one softmax, or only one of them counts.
extension RowLoss {
  func inPlace<Element: Scalar>(_ row: View<Element>, _ terms: RowTerms) -> RowResult {
    let size = row.count
    let logit = labelLogit(row, terms)
    if terms.watches { look(at: row, terms.target) }
    let set = entries(terms.target, row)
    if objective.masksSet { set.mask(row) }
    let others = RowSoftmax(
      exponentiating: row, temperature: temperature,
      moments: objective.sumsLogits || terms.sumsLogits, scratch: scratch)
    let all = objective.masksSet ? join(set, to: others, terms) : others
    let student = Student(others: others, all: all)
    let own = gradient(set, student, terms.target, size: size)
    let push = terms.push(all)
    let offset = terms.scale * (terms.pull * own.offset - terms.spread(size))
    if others.isEmpty {
      row.fill(Element(rounding: Float(offset)))
    } else {
      others.normalize(
        row, scale: terms.scale * (terms.pull * own.outside + push * others.share(of: all)),
        offset: Float(offset), scratch: scratch)
    }
    let slope = terms.scale * (terms.pull * own.inside + push * own.softmax.share(of: all))
    set.gradient(
      own.softmax, own.y, slope: slope, offset: Float(offset),
      scale: Float(terms.scale * terms.pull * own.share))
    set.write(to: row)
    if let logit, let label = terms.target.label {
      let gradient = labelGradient(logit, set, own, student, terms) + offset
      row[label] = Element(rounding: Float(gradient))
    }
    var result = RowResult()
    result.loss = terms.lossFactor * own.loss + terms.plainLoss(all, label: logit, size: size)
    if terms.watches { watch(&result, terms.target, set, own, all) }
    return result
  }

  private func join(
    _ set: SetEntries, to others: RowSoftmax, _ terms: RowTerms
  ) -> RowSoftmax {
    terms.sumsLogits
      ? others.adding(set.logits, at: set.ids) : set.joined(to: others)
  }

  /// The label's logit where the label has a gradient of its own.
  func labelLogit<Element: Scalar>(_ row: View<Element>, _ terms: RowTerms) -> Float? {
    guard let label = terms.target.label else { return nil }
    if terms.alpha < 1 { return row[label].float }
    if case .decoupled = objective { return row[label].float }
    return nil
  }

  /// The label's gradient without the offset, in float64: p_y - 1 from the loss, so that it keeps
  /// its digits where p_y is near 1.
  private func labelGradient(
    _ logit: Float, _ set: SetEntries, _ own: RowGradient, _ student: Student, _ terms: RowTerms
  ) -> Double {
    let log = student.all.logProbability(logit)
    let hard = terms.hard
    let plain = (terms.push(student.all) - hard) * exp(log) + hard * expm1(log)
    if terms.pull == 0 { return terms.scale * plain }
    return terms.scale * (plain + terms.pull * ownGradient(logit, set, own, student, terms))
  }

  /// The objective's part of the label's gradient, without the offset.
  func ownGradient(
    _ logit: Float, _ set: SetEntries, _ own: RowGradient, _ student: Student, _ terms: RowTerms
  ) -> Double {
    if let label = own.label { return label }
    for place in 0..<set.count where Int(set.ids[place]) == terms.target.label {
      let q = exp(own.softmax.logProbability(set.logits[place]))
      return own.inside * q - own.share * Double(own.y[place])
    }
    return own.outside * exp(student.others.logProbability(logit))
  }

  /// Keeps the logits of the set as it was given where the objective makes another one of it.
  func look<Element: Scalar>(at row: View<Element>, _ target: RowTarget) {
    guard let set = target.set, !objective.keepsSet else { return }
    let given = SetEntries(set, row: row, scratch: scratch)
    scratch.watched.slice(0, given.count).copy(from: given.logits)
  }

  func watch(
    _ result: inout RowResult, _ target: RowTarget, _ entries: SetEntries, _ own: RowGradient,
    _ all: RowSoftmax
  ) {
    result.isCapped = own.isCapped
    guard let set = target.set else { return }
    let logits = objective.keepsSet ? entries.logits : scratch.watched.slice(0, set.ids.count)
    result.teacherMass = set.mass
    result.studentMass = all.gradient(
      logits, set.weights, slope: 0, scale: 0, into: scratch.gradients, scratch.instructionSet)
    result.agrees = set.heaviest.map { logits[$0] == all.maximum } ?? false
  }

  /// The ids that have a gradient of their own.
  func entries<Element: Scalar>(_ target: RowTarget, _ row: View<Element>) -> SetEntries {
    guard let set = target.set else { return SetEntries(scratch: scratch) }
    let own: SampleSet
    switch objective {
    case .label, .dense, .truncated: return SetEntries(scratch: scratch)
    case .affine(let affine): return entries(of: affine, target, row)
    case .ghost(let gamma, _):
      own = gamma == 1 ? set : tempered(set, gamma: gamma, power: target.scalars[.power] ?? 1)
    case .bucket, .byEntropy, .adaptive, .spread, .correlation: own = set
    case .plackettLuce(let steps): own = chain(target, steps: steps)
    case .decoupled(let decoupled): own = others(decoupled, target)
    case .universal: own = studentOrder(set, row)
    }
    return SetEntries(own, row: row, scratch: scratch)
  }

  /// What the objective makes of the row.
  func gradient(
    _ set: SetEntries, _ student: Student, _ target: RowTarget, size: Int
  ) -> RowGradient {
    switch objective {
    case .label, .dense, .truncated, .spread, .correlation:
      return RowGradient(set.weights, student.all)
    case .affine(let affine): return gradient(of: affine, set, target, student.all, size)
    case .ghost(let gamma, let isWeighted):
      var own = ghost(set, target, gamma: gamma, student, size: size)
      if isWeighted { own.scale(by: target.scalars[.power] ?? 1) }
      return own
    case .bucket(let divergence, let keepsRest):
      let rest = keepsRest ? rest(target, set, size: size) : 0
      return gradient(of: divergence, set, rest: rest, student)
    case .byEntropy(let threshold, let keepsRest):
      let isUnsure = target.scalars[.entropy] ?? 0 > threshold
      let rest = keepsRest ? rest(target, set, size: size) : 0
      return bothWays(set, rest: rest, student, addsForward: isUnsure)
    case .adaptive(let mu): return adaptive(set, target, mu: mu, student, size: size)
    case .plackettLuce: return plackettLuce(set, student)
    case .decoupled(let decoupled):
      return self.decoupled(decoupled, set, target, student, size: size)
    case .universal(let keepsRest):
      let rest = keepsRest ? rest(target, set, size: size) : 0
      var own = gradient(of: Divergence(.totalVariation), set, rest: rest, student)
      own.scale(by: 2)
      return own
    }
  }
}
