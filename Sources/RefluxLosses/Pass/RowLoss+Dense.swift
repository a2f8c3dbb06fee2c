internal import RefluxMemory
internal import RefluxTargets

/// A teacher's logits of the whole vocabulary: one pass each for the softmaxes of student and
/// teacher, one that reads both, one that writes.
extension RowLoss {
  func dense(
    _ dense: DenseObjective, _ row: View<Float>, _ terms: RowTerms, label logit: Float?
  ) -> RowResult {
    guard let teacher = terms.target.teacher else { return RowResult() }
    precondition(teacher.count == row.count, "a row of the teacher is as long as the student's")
    var sum = GradientSum(scale: terms.scale, scratch: scratch)
    let found: DenseResult =
      switch dense {
      case .forward(let power): forward(row, teacher, terms, power, &sum)
      case .pairs(let divergence): pairs(row, teacher, terms, &sum) { _ in (divergence, 1) }
      case .byEntropy(let threshold):
        pairs(row, teacher, terms, &sum) {
          $0 > threshold ? (Divergence(.mixed(0.5)), 2) : (Divergence(.reverse), 1)
        }
      case .other(let other): self.other(other, row, teacher, terms, &sum)
      }
    let plain = plain(row, found.student, terms, &sum)
    sum.offset = -terms.spread(row.count)
    sum.write(to: row, cap: options.softcap)
    if let logit { terms.addLabel(to: row, slope: options.slope(at: logit)) }
    var result = RowResult()
    // What is no number in either row must not get lost in products with 0.
    let lost = 0 * (found.student.logSumExp + found.target.logSumExp)
    result.loss =
      terms.lossFactor * (found.loss + lost) + terms.plainLoss(plain, label: logit, size: row.count)
    (result.teacherMass, result.studentMass) = (1, 1)
    (result.agrees, result.isCapped) = (found.agrees, found.isCapped)
    return result
  }

  /// Forward KL: L = sum t (log t - z / T) + log sum e^(z / T), dL/dz = q - t.
  private func forward(
    _ row: View<Float>, _ teacher: View<Float>, _ terms: RowTerms, _ power: TeacherPower,
    _ sum: inout GradientSum
  ) -> DenseResult {
    let factor = power.isWeighted ? self.power(of: teacher, power.gamma) : 1
    let values = work[1].slice(0, row.count)
    let student = RowSoftmax(
      exponentiating: row, into: values, temperature: temperature, scratch: scratch)
    sum.add(values, student, terms.pull * factor)
    let target = RowSoftmax(
      exponentiating: teacher, temperature: temperature / power.gamma, moments: true,
      scratch: scratch)
    sum.add(teacher, target, -terms.pull * factor)
    let cross = target.mean(of: row, over: teacher, scratch: scratch) / temperature
    var result = DenseResult(student, target)
    result.loss = factor * (target.mean - target.logSumExp - cross + student.logSumExp)
    result.agrees = student.argMax == target.argMax
    return result
  }

  /// U = sum p^gamma = exp(log sum e^(gamma z') - gamma log sum e^z').
  private func power(of teacher: View<Float>, _ gamma: Double) -> Double {
    let whole = RowSoftmax(reading: teacher, scratch: scratch)
    let tempered = RowSoftmax(reading: teacher, temperature: 1 / gamma, scratch: scratch)
    return exp(tempered.logSumExp - gamma * whole.logSumExp)
  }

  /// A divergence of all pairs, chosen by the teacher's entropy, times a factor: dL/dz = q f_q - q
  /// sum q f_q.
  private func pairs(
    _ row: View<Float>, _ teacher: View<Float>, _ terms: RowTerms, _ sum: inout GradientSum,
    _ choose: (_ entropy: Double) -> (Divergence, factor: Double)
  ) -> DenseResult {
    let plain = temperature == 1 ? nil : entropy(of: teacher)
    let (target, student, values) = softmaxes(row, teacher)
    let (divergence, factor) = choose(plain ?? target.logSumExp - target.mean)
    let found = divergence.apply(
      student: values, teacher: teacher, factors: (scratch.factors[0], scratch.factors[1]),
      scratch: scratch)
    sum.add(values, times: terms.pull * factor)
    sum.add(teacher, times: -terms.pull * factor * found.slope)
    var result = DenseResult(student, target)
    result.loss = factor * found.loss
    result.agrees = student.argMax == target.argMax
    return result
  }

  /// At T = 1.
  private func entropy(of teacher: View<Float>) -> Double {
    let softmax = RowSoftmax(
      exponentiating: teacher, into: work[2].slice(0, teacher.count), temperature: 1,
      scratch: scratch)
    return softmax.logSumExp - softmax.mean
  }

  /// The exponentials of both, the student's apart, with the factors that make probabilities of
  /// them in the scratch's first and second.
  private func softmaxes(
    _ row: View<Float>, _ teacher: View<Float>
  ) -> (target: RowSoftmax, student: RowSoftmax, values: View<Float>) {
    let values = work[1].slice(0, row.count)
    let target = RowSoftmax(
      exponentiating: teacher, temperature: temperature, moments: true, scratch: scratch)
    target.fill(scratch.factors[1], scale: 1, count: row.count, scratch: scratch)
    let student = RowSoftmax(
      exponentiating: row, into: values, temperature: temperature, scratch: scratch)
    student.fill(scratch.factors[0], scale: 1, count: row.count, scratch: scratch)
    return (target, student, values)
  }
}

/// What a teacher's row gave.
struct DenseResult {
  /// q and p of all ids.
  let student: RowSoftmax
  let target: RowSoftmax
  var loss = 0.0
  var agrees = false
  var isCapped = false

  init(_ student: RowSoftmax, _ target: RowSoftmax) {
    (self.student, self.target) = (student, target)
  }
}
