public import RefluxKernels
public import RefluxLosses
internal import RefluxModelFiles
public import RefluxPipeline
public import RefluxTargets

/// What becomes of a step that must not reach the weights.
public enum BadStepPolicy: String, Sendable, CaseIterable {
  /// The run ends with an error that names the step and its windows.
  case stop
  /// The step counts, its gradient is thrown away, and the report says so.
  case skip
}

/// Everything that decides what a training run does.
public struct TrainingConfiguration: Sendable, Equatable {
  /// What is learned, and with it the data that the run needs.
  public var objective: ObjectiveChoice
  /// What it is learned from: one of the kinds that the objective takes.
  public var kind: TargetKind
  /// How alike ids are, for the objective `kd-sim`.
  public var similarities: SimilarityTable?
  /// Temperature, mix with the label, label smoothing and z-loss.
  public var loss = LossOptions()
  /// The target's share in the loss at the last step, 0...1: it goes there in a line from
  /// `loss.distillation`. Nil: the same share at all steps. Stores with a share of their own keep
  /// it.
  public var finalDistillation: Double?
  /// Which positions of each window count; nil for all.
  public var focus: Focus?
  /// How the stores are cut into batches, and their order; where to begin is the trainer's.
  public var feed: FeedConfiguration
  /// Batches whose gradients make one step: a step has accumulation * batch windows.
  public var accumulation = 1
  /// Updates of the weights in all, those before a checkpoint included.
  public var steps: Int
  /// How gradients become updates; both take the same rates and decay.
  public var optimizer = OptimizerKind.adamw
  /// Decay of AdamW's moments and its epsilon.
  public var adam = AdamW()
  /// Momentum, iterations, epsilon and scale of Muon.
  public var muon = Muon()
  /// Whether the backward pass computes activations again, for less memory: the same bits.
  public var recomputes = false
  /// Largest learning rate, reached at the end of the warm-up. 0...100.
  public var peakRate: Double
  /// Steps of linear warm-up, at most `steps`.
  public var warmupSteps: Int
  /// Steps of linear decay at the end, after a stable peak, at most those after the warm-up; nil
  /// is half a cosine over all steps.
  public var decaySteps: Int?
  /// Learning rate of the last step as a share of the peak, 0...1.
  public var floorShare: Double
  /// Matrices shrink by rate * `weightDecay` of themselves per step; gains do not. 0...10.
  public var weightDecay: Float
  /// Largest norm of the gradient; 0 leaves it as it is.
  public var clipNorm: Float
  /// What becomes of a step whose loss or gradient is NaN or infinite, or whose loss exceeds
  /// ``spikeFactor`` times the mean: nothing of it reaches the weights either way.
  public var badSteps = BadStepPolicy.stop
  /// A loss above the mean of about the last 50 steps by more than (this - 1) times the mean's size
  /// is a spike; 0 looks for none.
  public var spikeFactor = 0.0
  /// Steps from one checkpoint to the next; 0 writes one only at the end or when interrupted.
  public var checkpointSteps: Int
  /// Minutes from one checkpoint to the next, beside ``checkpointSteps``; 0 does not look at the
  /// clock. Decides only when checkpoints are written, not what is in them.
  public var checkpointMinutes = 0.0
  /// Checkpoints that are kept: the last one, and the ones before it with their step in the name.
  public var keptCheckpoints = 1

  /// Takes the values as they are; ``validate()`` checks them, and so does every trainer.
  ///
  /// - Parameter kind: nil takes the first of the objective's.
  public init(
    objective: ObjectiveChoice, kind: TargetKind? = nil, batch: Int = 16, window: Int = 256,
    steps: Int,
    peakRate: Double = 3e-3, warmupSteps: Int = 50, floorShare: Double = 0.1,
    weightDecay: Float = 0.1, clipNorm: Float = 1, seed: UInt64 = 0,
    order: FeedConfiguration.Order = .shuffled, checkpointSteps: Int = 0
  ) {
    self.objective = objective
    self.kind = kind ?? objective.name.entry.kinds[0]
    loss.temperature = objective.temperature
    feed = FeedConfiguration(batch: batch, window: window, seed: seed, order: order)
    self.steps = steps
    self.peakRate = peakRate
    self.warmupSteps = warmupSteps
    self.floorShare = floorShare
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    self.checkpointSteps = checkpointSteps
  }

  /// Steps of a run; see also ``validate()``.
  public static let stepsRange = 1...1 << 32
  /// Batches of a step.
  public static let accumulationRange = 1...65_536
  /// Largest learning rates.
  public static let rateRange = 0.0...100
  /// Shares of the learning rate at the end.
  public static let shareRange = 0.0...1
  /// Weight decays.
  public static let decayRange: ClosedRange<Float> = 0...10
  /// Largest norms of the gradient.
  public static let normRange: ClosedRange<Float> = 0...1e9
  /// Factors of a spike.
  public static let spikeFactorRange = 0.0...1e9
  /// Minutes between checkpoints.
  public static let minutesRange = 0.0...1e6
  /// Checkpoints that are kept.
  public static let keptRange = 1...10_000

  /// Windows that are in memory at once.
  public var batch: Int { feed.batch }
  /// Tokens per window; sample sets must have been made with this context.
  public var window: Int { feed.window }

  /// Checks every value, by itself and beside the others.
  ///
  /// - Throws: ``TrainingError/configuration(name:found:expected:)`` for the first value out of
  ///   range; ``TrainingError/idle(name:found:reason:)`` for an option that would change nothing;
  ///   ``TrainingError/objective(_:)`` for an objective that trains no language model, or has the
  ///   label in it beside a share of the label.
  public func validate() throws(TrainingError) {
    do { try feed.validate() } catch { throw .feed(error) }
    try TrainingError.require("accumulation", accumulation, Self.accumulationRange)
    try TrainingError.require("spike factor", spikeFactor, Self.spikeFactorRange)
    try TrainingError.require("checkpoint minutes", checkpointMinutes, Self.minutesRange)
    try TrainingError.require("kept checkpoints", keptCheckpoints, Self.keptRange)
    // All tokens of a run can be counted.
    let most = (1 << 62) / (accumulation * batch * window)
    try TrainingError.require("steps", steps, 1...min(Self.stepsRange.upperBound, most))
    try TrainingError.require("warm-up steps", warmupSteps, 0...steps)
    if let decaySteps {
      // After the warm-up, so that the peak is the largest rate and reached.
      try TrainingError.require("decay steps", decaySteps, 1...max(1, steps - warmupSteps))
    }
    try TrainingError.require("checkpoint steps", checkpointSteps, 0...Int.max)
    try TrainingError.require("learning rate", peakRate, Self.rateRange)
    try TrainingError.require("floor share", floorShare, Self.shareRange)
    try TrainingError.require("weight decay", weightDecay, Self.decayRange)
    try TrainingError.require("clip norm", clipNorm, Self.normRange)
    try checkMoments()
    try TrainingError.require("alpha at the end", finalDistillation ?? 1, LossOptions.shareRange)
    if let focus, !Focus.isShare(focus.share) {
      throw .configuration(
        name: "focus", found: "\(focus)", expected: "a share above 0 and at most 1")
    }
    do { try loss.validate() } catch {
      if case .option(let name, let value) = error {
        throw .configuration(name: name, found: "\(value)", expected: "a value in its range")
      }
    }
    try checkTarget()
  }

  var schedule: LearningRateSchedule {
    LearningRateSchedule(
      peak: peakRate, warmupSteps: warmupSteps, steps: steps, floorShare: floorShare,
      decaySteps: decaySteps)
  }

  /// The target's share in the loss of step `step`, counted from 0; nil where it does not change.
  func distillation(at step: Int) -> Double? {
    finalDistillation.map { end in
      let (start, share) = (loss.distillation, Double(step) / Double(max(steps - 1, 1)))
      return min(max(start + (end - start) * share, min(start, end)), max(start, end))
    }
  }

  /// One line that two runs share exactly when one may resume where the other stopped.
  var identity: String {
    let said = IdentityPart.groups.filter { group in
      group.isAlwaysSaid || group.parts.contains { $0.value(self) != $0.standard }
    }
    let parts = said.flatMap(\.parts).compactMap { part in
      part.value(self).map { " \(part.name)=\($0)" }
    }
    return objective.identity + parts.joined()
  }

  private func checkMoments() throws(TrainingError) {
    for (name, share, range) in [
      ("beta1", adam.beta1, AdamW.betaRange), ("beta2", adam.beta2, AdamW.betaRange),
      ("momentum of Muon", muon.momentum, Muon.momentumRange),
    ] where !range.contains(share) {
      throw .configuration(name: name, found: "\(share)", expected: "0 to below 1")
    }
    for (name, value) in [
      ("epsilon", Double(adam.epsilon)), ("epsilon of Muon", muon.epsilon),
      ("scale of Muon", Double(muon.scale)),
    ] where !(value > 0 && value.isFinite) {
      throw .configuration(name: name, found: "\(value)", expected: "a number above 0")
    }
    try TrainingError.require("iterations of Muon", muon.iterations, Muon.iterationRange)
  }
}

/// How gradients become updates of the weights.
public enum OptimizerKind: String, Sendable, CaseIterable {
  /// AdamW for all tensors.
  case adamw
  /// Muon for the matrices of the layers, each by itself; AdamW for embedding, head, positions,
  /// gains and biases.
  case muon
}

/// Options of the loss that mean nothing, or something else, with the objective.
extension TrainingConfiguration {
  /// Refuses also what changes nothing with these stores.
  ///
  /// - Parameter shares: the target's share of each store, nil where it has none of its own.
  /// - Throws: what ``validate()`` throws.
  public func validate(shares: [Float?]) throws(TrainingError) {
    try validate()
    // A store's share may stand in a file for runs with other losses.
    if objective.name == .ce { return }
    let own = shares.compactMap { $0 }
    if own.contains(where: { $0 < 1 }) { try refuseLabelShare() }
    if own.count == shares.count, let share = own.first {
      try refuseAlpha("each store has its own (\(share) ...)")
    }
    let used =
      own.map(Double.init)
      + (own.count < shares.count ? [loss.distillation, finalDistillation].compactMap { $0 } : [])
    if loss.labelSmoothing > 0, !objective.hasSecondHead, used.allSatisfy({ $0 == 1 }) {
      throw .idle(
        name: "label smoothing", found: "\(loss.labelSmoothing)",
        reason: "alpha is 1, so that the label has no part in the loss")
    }
    if loss.temperature != 1, used.allSatisfy({ $0 == 0 }) {
      throw .idle(
        name: "temperature", found: "\(loss.temperature)",
        reason: "alpha is 0, so that the target has no part in the loss")
    }
  }

  /// What can be said without the stores.
  func checkTarget() throws(TrainingError) {
    do { try objective.requireTrainable() } catch { throw .objective(error) }
    if objective.name == .ce { try refuseAlpha(Self.noTarget) }
    if min(loss.distillation, finalDistillation ?? 1) < 1 { try refuseLabelShare() }
    try checkTemperature()
  }

  private func checkTemperature() throws(TrainingError) {
    let (found, said) = (loss.temperature, objective.temperature)
    if objective.given.contains("temperature"), found != said {
      throw .configuration(
        name: "temperature", found: "\(found)", expected: "\(said), which the loss says")
    }
    if found != 1, objective["temperature"] == nil {
      let reason = "the loss '\(objective.name.rawValue)' has no temperature"
      throw .idle(
        name: "temperature", found: "\(found)",
        reason: objective.name == .ce ? Self.noTarget : reason)
    }
  }

  /// Refuses sets that the objective cannot be learned from, and groups of rows that end in another
  /// window.
  ///
  /// - Parameter sets: of every store; none where the kind is another.
  public func check(sets: [SetFacts]) throws(ObjectiveError) {
    if !objective.name.entry.kinds.contains(kind) { throw .kind(objective.name, kind, nil) }
    try objective.check(window: window)
    for sets in sets {
      try objective.at(temperature: loss.temperature).check(sets)
      if sets.kind != kind { throw .kinds(kind, sets.kind) }
    }
  }

  private func refuseLabelShare() throws(TrainingError) {
    if objective.containsLabel { throw .objective(.labelShare(objective.name)) }
  }

  private static var noTarget: String { "the loss 'ce' has no target beside the label" }

  private func refuseAlpha(_ reason: String) throws(TrainingError) {
    if loss.distillation != 1 {
      throw .idle(name: "alpha", found: "\(loss.distillation)", reason: reason)
    }
    if let finalDistillation {
      throw .idle(name: "alpha at the end", found: "\(finalDistillation)", reason: reason)
    }
  }
}
