internal import CRows
internal import RefluxMemory

/// One row on its way through ``SoftmaxLoss``: x in, dL/dx out.
struct LossPass {
  private let options: LossOptions
  private let scratch: LossScratch
  private let row: View<Float>
  private let work: InlineArray<3, View<Float>>
  private let set: LossSet
  private let teacher: View<Float>?
  private let label: Int?
  /// Alpha, 0 where the label is all there is.
  private let share: Double

  init(
    _ loss: SoftmaxLoss, _ row: View<Float>, _ set: LossSet, target: LossTarget, label: Int?,
    alpha: Double
  ) {
    (options, scratch, work) = (loss.options, loss.scratch, loss.work)
    (self.row, self.set, self.label) = (row, set, label)
    teacher = target.teacher
    share = loss.share(of: target, alpha: alpha)
  }

  private var temperature: Double { options.temperature }
  /// Label smoothing's mass of every id.
  private var spread: Double { options.labelSmoothing / Double(row.count) }
  /// Factor of the target's part of the gradient.
  private var pull: Double { share * temperature }

  /// The softmaxes of a row.
  private struct Found {
    /// At T: of the ids outside a ghost set, or of all; and of all.
    var others: RowSoftmax
    var all: RowSoftmax
    /// At 1.
    var plain: RowSoftmax
    /// sum t (log t - z / T) of a teacher's row, and t at the label.
    var target: (terms: Double, atLabel: Double)?
    /// The target's mass on all ids.
    var mass: Double
    /// Factors of P_j and of p_j in the gradient.
    var slope: Double
    var push: Double
  }

  /// In two passes over the row, in place, where p and P are the same.
  func runOnce(weight: Double, scale: Double) -> RowLoss {
    if set.isGhost { set.mask(row) }
    let others = RowSoftmax(exponentiating: row, moments: true, scratch: scratch)
    let all = set.isGhost ? set.joined(to: others) : others
    let found = found(others, all, plain: all, target: nil)
    let factor = pull * found.slope + found.push * others.share(of: all)
    others.normalize(row, scale: scale * factor, offset: Float(offset(scale)), scratch: scratch)
    return finish(found, isOne: true, weight: weight, scale: scale)
  }

  /// In the order that the one scratch for block references allows.
  func run(weight: Double, scale: Double) -> RowLoss {
    let target = teacher.map { denseTarget($0, scale: scale) }
    if set.isGhost { set.mask(row) }
    let others = RowSoftmax(
      exponentiating: row, into: work[1].slice(0, row.count), temperature: temperature,
      scratch: scratch)
    let all = set.isGhost ? set.joined(to: others) : others
    var found = found(others, all, plain: all, target: target)
    others.fill(
      scratch.factors[0], scale: scale * pull * found.slope, count: row.count, scratch: scratch)
    if set.isGhost { set.unmask(row) }
    found.plain = RowSoftmax(
      exponentiating: row, into: work[2].slice(0, row.count), temperature: 1, scratch: scratch)
    found.push = push(found.plain)
    found.plain.fill(
      scratch.factors[1], scale: scale * found.push, count: row.count, scratch: scratch)
    writeDense(scale: scale)
    return finish(found, isOne: false, weight: weight, scale: scale)
  }

  private func found(
    _ others: RowSoftmax, _ all: RowSoftmax, plain: RowSoftmax,
    target: (terms: Double, atLabel: Double)?
  ) -> Found {
    let mass = target == nil ? set.total(row.count) : 1
    return Found(
      others: others, all: all, plain: plain, target: target, mass: mass,
      slope: set.isGhost
        ? max(mass, 1) * (min(mass, 1) - prepare(all, slope: 0, scale: 0)) : mass,
      push: push(plain))
  }

  /// Prepares `slope` p_i + `offset` - `scale` t_i, t without its uniform part, for the set's ids.
  ///
  /// Returns sum p_i.
  private func prepare(
    _ softmax: RowSoftmax, slope: Double, offset: Double = 0, scale: Double
  ) -> Double {
    softmax.gradient(
      set.logits.slice(0, set.setCount), set.weights, slope: slope, offset: Float(offset),
      scale: Float(scale), into: scratch.gradients, scratch.instructionSet)
  }

  private func push(_ plain: RowSoftmax) -> Double {
    1 - share + 2 * options.zLoss * plain.logSumExp
  }

  /// The gradient of the ids that have their own, and what the caller wants to know; `isOne` where
  /// p and P are one softmax.
  private func finish(_ found: Found, isOne: Bool, weight: Double, scale: Double) -> RowLoss {
    let studentMass = writeSet(found, isOne: isOne, scale: scale)
    if let place = set.labelPlace { writeLabel(place, found, scale: scale) }
    let plain = found.plain
    let terms = found.target?.terms ?? sparseTerms(plain, found.others, found.all)
    let divergence = terms + found.mass * found.all.logSumExp
    let squared = options.zLoss * plain.logSumExp * plain.logSumExp
    var result = RowLoss()
    result.loss = weight * (pull * temperature * divergence + labelTerm(plain) + squared)
    result.logSumExp = plain.logSumExp
    result.entropy = plain.logSumExp - plain.mean
    result.argMax = plain.argMax
    result.confidence = exp(plain.logProbability(plain.maximum))
    result.teacherMass = found.target == nil ? set.mass : 1
    result.studentMass = found.target == nil ? studentMass : 1
    return result
  }

  // MARK: The target

  /// sum t (log t - z / T) of a teacher's row, and t at the label; the factors of its gradient.
  private func denseTarget(
    _ teacher: View<Float>, scale: Double
  ) -> (terms: Double, atLabel: Double) {
    let logit = label.map { teacher[$0] }
    let softmax = RowSoftmax(
      exponentiating: teacher, temperature: temperature, moments: true, scratch: scratch)
    softmax.fill(scratch.factors[2], scale: -scale * pull, count: row.count, scratch: scratch)
    let cross = softmax.mean(of: row, over: teacher, scratch: scratch) / temperature
    let atLabel = logit.map { exp(softmax.logProbability($0)) } ?? 0
    return (softmax.mean - softmax.logSumExp - cross, atLabel)
  }

  /// The divergence without mass times log sum e^(z / T).
  private func sparseTerms(
    _ plain: RowSoftmax, _ others: RowSoftmax, _ all: RowSoftmax
  ) -> Double {
    let terms = set.terms(
      temperature: temperature, sum: plain.sums.sum, vocabularySize: row.count)
    let left = 1 - set.mass
    guard set.isGhost, left > 0 else { return terms }
    return terms + left * (log(left) - others.logSumExp + all.logSumExp)
  }

  // MARK: The label

  private func labelTerm(_ plain: RowSoftmax) -> Double {
    guard let place = set.labelPlace, share < 1 else { return 0 }
    let hard = (1 - options.labelSmoothing) * -plain.logProbability(set.logits[place])
    if spread == 0 { return (1 - share) * hard }
    let soft = options.labelSmoothing * plain.logSumExp - spread * plain.sums.sum
    return (1 - share) * (hard + soft)
  }

  // MARK: Results

  /// The gradient of ids that no target names; of the others it is written over.
  private func writeDense(scale: Double) {
    let addends: InlineArray<3, RowSoftmax.Addend> = [
      .init(values: work[1], factors: scratch.factors[0]),
      .init(values: work[2], factors: scratch.factors[1]),
      .init(values: teacher ?? work[2], factors: scratch.factors[2]),
    ]
    RowSoftmax.combine(
      addends, count: teacher == nil ? 2 : 3, into: row,
      offset: offset(scale),
      inverseCap: options.softcap.map { 1 / $0 } ?? 0, scratch: scratch)
  }

  private func offset(_ scale: Double) -> Double {
    -scale * (pull * set.uniform + (1 - share) * spread)
  }

  /// The gradients of the set's ids but for the label's own part. Returns the student's mass on
  /// them.
  private func writeSet(_ found: Found, isOne: Bool, scale: Double) -> Double {
    let inside = set.isGhost ? max(found.mass, 1) : found.slope
    let slope = pull * inside + (isOne ? found.push : 0)
    let mass = prepare(
      found.all, slope: scale * slope, offset: offset(scale), scale: scale * pull)
    for place in 0..<set.setCount { write(place, scratch.gradients[place]) }
    if isOne || found.push == 0 { return mass }
    _ = prepare(found.plain, slope: scale * found.push, scale: 0)
    for place in 0..<set.setCount {
      row[Int(set.ids[place])] += scratch.gradients[place] * bend(place)
    }
    return mass
  }

  /// The label's gradient as a whole, in float64.
  private func writeLabel(_ place: Int, _ found: Found, scale: Double) {
    let inside = set.isGhost && place < set.setCount
    let p = exp((inside ? found.all : found.others).logProbability(set.logits[place]))
    let t = Double(set.weights[place]) + set.uniform + (found.target?.atLabel ?? 0)
    let atOne = found.push * exp(found.plain.logProbability(set.logits[place]))
    let hard = (1 - share) * (spread + 1 - options.labelSmoothing)
    let slope = inside ? max(found.mass, 1) : found.slope
    write(place, Float(scale * (pull * (slope * p - t) + atOne - hard)))
  }

  private func write(_ place: Int, _ gradient: Float) {
    row[Int(set.ids[place])] = gradient * bend(place)
  }

  /// The softcap's derivative.
  private func bend(_ place: Int) -> Float {
    let bend = options.softcap.map { Double(set.logits[place]) / $0 } ?? 0
    return Float(1 - bend * bend)
  }
}
