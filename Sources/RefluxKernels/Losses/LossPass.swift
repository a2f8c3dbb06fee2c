internal import CRows
internal import Foundation

/// One row on its way through ``SoftmaxLoss``: z in, dL/dx out.
struct LossPass {
  private let options: LossOptions
  private let scratch: LossScratch
  private let row: View<Float>
  private let work: [View<Float>]
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
    if case .dense(let logits) = target { teacher = logits } else { teacher = nil }
    if case .label = target { share = 0 } else { share = alpha }
  }

  private var temperature: Double { options.temperature }
  /// Label smoothing's mass of every id.
  private var spread: Double { options.labelSmoothing / Double(row.count) }
  /// Factor of the target's part of the gradient.
  private var pull: Double { share * temperature }

  /// Passes in the order that the one scratch for block references allows.
  func run(weight: Double, scale: Double) -> RowLoss {
    let target = teacher.map { denseTarget($0, scale: scale) }
    if set.isGhost { set.mask(row) }
    let others = RowSoftmax(
      exponentiating: row, into: work[1].slice(0, row.count), temperature: temperature,
      scratch: scratch)
    let all = set.isGhost ? set.joined(to: others) : others
    let studentMass = (0..<set.setCount).reduce(0.0) {
      $0 + exp(all.logProbability(set.logits[$1]))
    }
    let mass = target == nil ? set.total(row.count) : 1
    let slope = set.isGhost ? min(mass, 1) - studentMass : mass
    others.fill(scratch.factors[0], scale: scale * pull * slope, count: row.count, scratch: scratch)
    if set.isGhost { set.unmask(row) }
    let plain = RowSoftmax(
      exponentiating: row, into: work[2].slice(0, row.count), temperature: 1, scratch: scratch)
    let push = 1 - share + 2 * options.zLoss * plain.logSumExp
    plain.fill(scratch.factors[1], scale: scale * push, count: row.count, scratch: scratch)

    var result = describe(plain)
    result.teacherMass = target == nil ? set.mass : 1
    result.studentMass = target == nil ? studentMass : 1
    let divergence = (target?.terms ?? sparseTerms(plain, others, all)) + mass * all.logSumExp
    let squared = options.zLoss * plain.logSumExp * plain.logSumExp
    result.loss = weight * (pull * temperature * divergence + labelTerm(plain) + squared)
    writeDense(scale: scale)
    for place in 0..<set.count {
      let inside = set.isGhost && place < set.setCount
      let p = exp((inside ? all : others).logProbability(set.logits[place]))
      let t = Double(set.weights[place]) + set.uniform + (target?.atLabel ?? 0)
      let atOne = push * exp(plain.logProbability(set.logits[place]))
      write(place, scale * (pull * ((inside ? 1 : slope) * p - t) + atOne - labelMass(place)))
    }
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
    guard let label, share < 1 else { return 0 }
    let place = (0..<set.count).first { set.ids[$0] == label } ?? 0
    let hard = (1 - options.labelSmoothing) * -plain.logProbability(set.logits[place])
    if spread == 0 { return (1 - share) * hard }
    let soft = options.labelSmoothing * plain.logSumExp - spread * plain.sums.sum
    return (1 - share) * (hard + soft)
  }

  private func labelMass(_ place: Int) -> Double {
    let hard = label.map { set.ids[place] == UInt32($0) } ?? false
    return (1 - share) * (spread + (hard ? 1 - options.labelSmoothing : 0))
  }

  // MARK: Results

  private func describe(_ plain: RowSoftmax) -> RowLoss {
    var result = RowLoss()
    result.logSumExp = plain.logSumExp
    result.entropy = plain.logSumExp - plain.mean
    result.argMax = (0..<row.count).first { row[$0] == plain.maximum } ?? 0
    result.confidence = exp(plain.logProbability(plain.maximum))
    return result
  }

  /// The gradient of ids that no target names; of the others it is written over.
  private func writeDense(scale: Double) {
    let addends: InlineArray<3, RowSoftmax.Addend> = [
      .init(values: work[1], factors: scratch.factors[0]),
      .init(values: work[2], factors: scratch.factors[1]),
      .init(values: teacher ?? work[2], factors: scratch.factors[2]),
    ]
    RowSoftmax.combine(
      addends, count: teacher == nil ? 2 : 3, into: row,
      offset: -scale * (pull * set.uniform + (1 - share) * spread),
      inverseCap: options.softcap.map { 1 / $0 } ?? 0, scratch: scratch)
  }

  private func write(_ place: Int, _ gradient: Double) {
    let bend = options.softcap.map { Double(set.logits[place]) / $0 } ?? 0
    row[Int(set.ids[place])] = Float(gradient * (1 - bend * bend))
  }
}
