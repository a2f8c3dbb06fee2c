internal import RefluxMemory
internal import RefluxTargets

/// A pass for each softmax and one that writes: softcap, a teacher's logits, a label at another
/// temperature than the target, and objectives with a power of q in their gradient.
extension RowLoss {
  func apart<Element: Scalar>(_ row: View<Element>, _ terms: RowTerms) -> RowResult {
    if Element.self == Float.self { return apart(row.settled(as: Float.self), terms) }
    let values = work[0].slice(0, row.count)
    widen(row.settled(as: BFloat16.self), into: values)
    let result = apart(values, terms)
    convert(values, into: row)
    return result
  }

  private func apart(_ row: View<Float>, _ terms: RowTerms) -> RowResult {
    if let cap = options.softcap { scratch.cap(row, Float(cap)) }
    let logit = labelLogit(row, terms)
    if case .dense(let dense) = objective {
      return self.dense(dense, row, terms, label: logit)
    }
    if terms.watches { look(at: row, terms.target) }
    let size = row.count
    let set = entries(terms.target, row)
    if objective.masksSet { set.mask(row) }
    var sum = GradientSum(scale: terms.scale, scratch: scratch)
    var power = power(row, &sum)
    let others = RowSoftmax(
      exponentiating: row, into: work[1].slice(0, size), temperature: temperature,
      scratch: scratch)
    let all = objective.masksSet ? set.joined(to: others) : others
    let student = Student(others: others, all: all)
    let own = gradient(set, student, terms.target, size: size, &power)
    if let power { sum.multiply(0, by: terms.pull * power.share) }
    sum.add(work[1].slice(0, size), others, terms.pull * own.outside)
    if objective.masksSet { set.unmask(row) }
    let plain = plain(row, all, terms, &sum)
    sum.offset = terms.pull * own.offset - terms.spread(size)
    sum.write(to: row, cap: options.softcap)
    let parts = RowParts(own: own, plain: plain, power: power)
    for place in 0..<set.count {
      let value = parts.onSet(set.logits[place], y: own.y[place], terms)
      row[Int(set.ids[place])] =
        Float(terms.scale * (value + sum.offset)) * Float(options.slope(at: set.logits[place]))
    }
    if let logit, let label = terms.target.label {
      let isInSet = (0..<set.count).contains { Int(set.ids[$0]) == label }
      let value = parts.onLabel(
        logit, terms, own: ownGradient(logit, set, own, student, terms), isInSet: isInSet)
      row[label] = Float(terms.scale * (value + sum.offset)) * Float(options.slope(at: logit))
    }
    var result = RowResult()
    result.loss = terms.lossFactor * own.loss + terms.plainLoss(plain, label: logit, size: size)
    if terms.watches { watch(&result, terms.target, set, own, all) }
    return result
  }

  /// The pass of the power that the objective asks for, to the third array.
  private func power(_ row: View<Float>, _ sum: inout GradientSum) -> PowerPart? {
    guard let exponent else { return nil }
    let values = work[3].slice(0, row.count)
    let softmax = RowSoftmax(
      exponentiating: row, into: values, temperature: temperature / exponent, scratch: scratch)
    sum.add(values, softmax, 1)
    return PowerPart(softmax: softmax, isWhole: !objective.masksSet)
  }

  /// p, whose part of the gradient is added to `sum`; q where it is the same and nothing is.
  func plain(
    _ row: View<Float>, _ all: RowSoftmax, _ terms: RowTerms, _ sum: inout GradientSum
  ) -> RowSoftmax {
    if terms.alpha == 1 && options.zLoss == 0 { return all }
    let values = work[2].slice(0, row.count)
    let plain = RowSoftmax(exponentiating: row, into: values, temperature: 1, scratch: scratch)
    sum.add(values, plain, terms.push(plain))
    return plain
  }

  private func gradient(
    _ set: SetEntries, _ student: Student, _ target: RowTarget, size: Int,
    _ power: inout PowerPart?
  ) -> RowGradient {
    guard var part = power else { return gradient(set, student, target, size: size) }
    defer { power = part }
    switch objective {
    case .spread(let a, let b, let keepsRest):
      let rest = keepsRest ? rest(target, set, size: size) : 0
      return spread(a, b, set, rest: rest, student, &part)
    case .correlation(let weight): return correlation(weight, set, student, size: size, &part)
    default: return gradient(set, student, target, size: size)
    }
  }
}

/// The gradient at single ids, in float64.
private struct RowParts {
  let own: RowGradient
  let plain: RowSoftmax
  let power: PowerPart?

  /// At an id of the set.
  func onSet(_ logit: Float, y: Float, _ terms: RowTerms) -> Double {
    let q = exp(own.softmax.logProbability(logit))
    var value = terms.pull * (own.inside * q - own.share * Double(y))
    if let power, power.isWhole { value += terms.pull * part(power, logit) }
    return value + terms.push(plain) * exp(plain.logProbability(logit))
  }

  /// At the label, where `own` is the objective's own part without a power's.
  func onLabel(_ logit: Float, _ terms: RowTerms, own: Double, isInSet: Bool) -> Double {
    let log = plain.logProbability(logit)
    let hard = terms.hard
    var value = terms.pull * own + (terms.push(plain) - hard) * exp(log) + hard * expm1(log)
    if let power, power.isWhole || !isInSet { value += terms.pull * part(power, logit) }
    return value
  }

  private func part(_ power: PowerPart, _ logit: Float) -> Double {
    power.share * exp(power.softmax.logProbability(logit))
  }
}
