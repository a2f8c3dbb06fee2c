internal import RefluxKernels
package import RefluxMemory
package import RefluxPipeline

/// What takes the steps of a run: loss and gradient of batches, norm, update, and the state between
/// steps.
///
/// The trainer knows the data, the schedule, which steps are bad and when there is a checkpoint; an
/// engine knows where weights, gradients and moments lie. A step is
///
/// 1. ``loss(of:step:accumulates:)`` for each of its batches, which adds up their gradients;
/// 2. ``gradientNorm()``, once;
/// 3. ``update(step:rate:norm:)``, unless the step is thrown away.
///
/// ``CPUEngine`` has everything in the process's memory. One of several ranks would be an engine
/// around another one that adds up the ranks' sums in the first part and their gradients in the
/// second, before the norm. An engine on a device keeps its arrays there, and copies them where
/// host memory is promised here.
package protocol StepEngine: AnyObject {
  /// Takes a batch of a step.
  ///
  /// - Parameters:
  ///   - step: the run's, counted from 0: decides what a schedule of the loss says, and is named in
  ///     errors.
  ///   - accumulates: whether the gradients are added to those before; else they replace them.
  /// - Throws: `target` for the first row whose set has no meaning for the loss.
  func loss(
    of batch: borrowing Batch, step: Int, accumulates: Bool
  ) throws(TrainingError) -> LossSums

  /// sqrt(sum of squares) of the step's gradients, before clipping; makes them whole.
  func gradientNorm() -> Double

  /// Changes the weights, those of the student in host memory included.
  ///
  /// - Parameters:
  ///   - step: updates that the moments have seen before, those of other runs included.
  ///   - rate: the learning rate.
  ///   - norm: what ``gradientNorm()`` said, by which the gradients are clipped.
  func update(step: Int, rate: Double, norm: Double)

  /// The step's gradients in host memory, in the order of the student's table; where two heads
  /// learn, whole after ``gradientNorm()``.
  var gradients: View<Float> { get }

  /// Lends weights and moments in host memory, as they are after the last update.
  func withState<Result>(
    _ body: (TrainingState) throws(TrainingError) -> Result
  ) throws(TrainingError) -> Result

  /// The same for a `body` that writes them; the engine continues with what it wrote.
  func replaceState<Result>(
    _ body: (TrainingState) throws(TrainingError) -> Result
  ) throws(TrainingError) -> Result
}

/// Sums over the rows (token positions) of batches, to be added up over a step.
package struct LossSums: Sendable {
  /// Of weight * loss, in nats.
  package var loss = 0.0
  /// Of the rows' weights.
  package var weight = 0.0
  /// Of weight * share * entropy of the rows' sets, in nats: what the loss is below the one with
  /// cross-entropies in place of divergences. Nil where sets are not draws.
  package var setEntropy: Double?
  /// Of the weights of the rows that have a set; what follows is summed over these.
  package var setRows = 0.0
  /// Of weight * the student's probability of the ids of the set.
  package var studentMass = 0.0
  /// Of weight * the teacher's.
  package var teacherMass = 0.0
  /// Of the weights of rows whose most probable id of the student is the teacher's.
  package var agreement = 0.0
  /// Of the weights of rows that the objective bounded or left out.
  package var capped = 0.0

  /// The mean of the losses by their weights; 0 where none has any.
  var meanLoss: Double { weight > 0 ? loss / weight : loss }
  /// The same of the sets' entropies.
  var meanSetEntropy: Double? { setEntropy.map { weight > 0 ? $0 / weight : 0 } }

  /// What the sets and the student have in common; nil where no row has a set.
  var setFigures: SetFigures? {
    guard setRows > 0 else { return nil }
    return SetFigures(
      studentMass: studentMass / setRows, teacherMass: teacherMass / setRows,
      agreementPercent: 100 * agreement / setRows, cappedPercent: 100 * capped / setRows)
  }

  static func += (sums: inout LossSums, other: LossSums) {
    sums.loss += other.loss
    sums.weight += other.weight
    if let entropy = other.setEntropy { sums.setEntropy = (sums.setEntropy ?? 0) + entropy }
    sums.setRows += other.setRows
    sums.studentMass += other.studentMass
    sums.teacherMass += other.teacherMass
    sums.agreement += other.agreement
    sums.capped += other.capped
  }
}
