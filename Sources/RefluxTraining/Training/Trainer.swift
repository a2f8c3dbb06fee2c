public import RefluxKernels
public import RefluxModel
internal import RefluxPipeline
internal import RefluxProfiling
public import RefluxStorage

/// Trains a student on a token store, with sample sets or an online teacher.
///
/// A run is a function of its configuration, its initial weights and its data: the number of
/// workers and of prefetch lanes changes no bit of it, and a run that stops at a checkpoint and
/// goes on gives the bits of one that never stopped.
///
/// Memory: weights, gradients and two moments (16 bytes per parameter, 2 more with bfloat16), the
/// activations of one batch (see ``TrainingPass``), and the feed's ring.
public final class Trainer<Element: Scalar> {
  /// What decides the run; checked.
  public let configuration: TrainingConfiguration
  /// The student; every step changes its weights.
  public let decoder: Decoder<Element>
  /// Where checkpoints go; nil writes none.
  public let checkpointPath: String?
  let optimizer: Optimizer<Element>
  private let pass: TrainingPass<Element>
  private let target: TargetBatch<Element>
  private let tokens: TokenStore
  private let samples: SampleStore?
  /// What a checkpoint must agree with.
  private let identity: String
  /// Steps done.
  public private(set) var step = 0
  /// Called after every minute without a batch, with what the feed's lanes are doing, as JSON.
  public var onStall: ((String) -> Void)?

  /// - Parameters:
  ///   - decoder: the student, initialised or loaded.
  ///   - samples: the sample store of `tokens`, for objectives that need one.
  ///   - teacher: for `fullkd`; on the same workers as the student.
  /// - Throws: ``TrainingError`` when the parts do not belong together: vocabularies, contexts,
  ///   estimator and objective. Nothing is trained before all fits.
  public init(
    _ configuration: TrainingConfiguration, decoder: Decoder<Element>, tokens: TokenStore,
    samples: SampleStore? = nil, teacher: Decoder<Element>? = nil, checkpointPath: String? = nil
  ) throws(TrainingError) {
    try configuration.validate()
    try Self.check(configuration, decoder, tokens, samples, teacher)
    // Parts that the objective does not read decide nothing.
    let samples = configuration.objective.needsSamples ? samples : nil
    let teacher = configuration.objective.needsTeacher ? teacher : nil
    self.configuration = configuration
    self.decoder = decoder
    self.tokens = tokens
    self.samples = samples
    identity = Self.identity(configuration, decoder, tokens, samples, teacher)
    self.checkpointPath = checkpointPath
    optimizer = Optimizer(
      decoder, weightDecay: configuration.weightDecay, clipNorm: configuration.clipNorm)
    pass = TrainingPass(decoder, windows: configuration.batch, window: configuration.window)
    let teacherPass = teacher.map {
      InferencePass($0, windows: configuration.batch, window: configuration.window)
    }
    target = TargetBatch(
      decoder, objective: configuration.objective,
      rows: configuration.batch * configuration.window, window: configuration.window,
      capacity: samples?.capacity ?? 0, teacher: teacherPass)
  }

  /// Tokens of one step.
  public var tokensPerStep: Int { configuration.batch * configuration.window }

  /// Gradients of the last step, in the order of the decoder's table.
  public var gradients: View<Float> { pass.gradients }

  /// Trains from ``step`` to the end.
  ///
  /// - Parameters:
  ///   - onStep: called after each step.
  ///   - shouldStop: asked after each step; true ends the run with a checkpoint.
  /// - Throws: ``TrainingError/diverged(step:what:checkpoint:)`` before a bad gradient reaches the
  ///   weights; the feed's and the file system's errors. The last checkpoint stays as it is.
  public func run(
    onStep: (StepReport) throws -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> TrainingOutcome {
    if step >= configuration.steps { return .finished }
    let feed = try Feed(tokens: tokens, samples: samples, configuration: feedConfiguration)
    if let onStall { feed.onStall = { onStall($0.description) } }
    while step < configuration.steps {
      let report = try trainStep(feed)
      try onStep(report)
      let stop = shouldStop() && step < configuration.steps
      if stop || step == configuration.steps || isCheckpoint(step) { try saveCheckpoint() }
      if stop { return .interrupted(step: step) }
    }
    return .finished
  }

  private func trainStep(_ feed: Feed) throws -> StepReport {
    let clock = Stopwatch()
    let waited = feed.waitSeconds
    let loss = try feed.withNextBatch { batch in
      target.fill(from: batch)
      return pass.run(batch.tokens) { [target] rows, logits, worker in
        target.loss(rows, logits, worker)
      } / Double(tokensPerStep)
    }
    let norm = optimizer.norm(pass.gradients)
    try checkFinite(loss, "the loss")
    try checkFinite(norm, "the gradient")
    let rate = configuration.schedule.rate(at: step)
    optimizer.update(pass.gradients, step: step, rate: rate, norm: norm)
    step += 1
    let seconds = clock.seconds
    return StepReport(
      step: step, tokens: step * tokensPerStep, loss: loss, gradientNorm: norm,
      learningRate: rate, tokensPerSecond: Double(tokensPerStep) / seconds,
      dataWaitPercent: 100 * (feed.waitSeconds - waited) / seconds,
      skippedWindows: feed.skippedWindows)
  }

  private var feedConfiguration: FeedConfiguration {
    var feed = FeedConfiguration(
      batch: configuration.batch, window: configuration.window, seed: configuration.seed,
      order: configuration.shuffled ? .shuffled : .sequential, firstStep: step,
      stepCount: configuration.steps - step)
    feed.onDamage = configuration.skipsDamage ? .skip : .stop
    return feed
  }

  private func isCheckpoint(_ step: Int) -> Bool {
    configuration.checkpointSteps > 0 && step % configuration.checkpointSteps == 0
  }

  private func checkFinite(_ value: Double, _ what: String) throws(TrainingError) {
    if !value.isFinite {
      throw .diverged(step: step + 1, what: what, checkpoint: savedCheckpoint)
    }
  }

  private var savedCheckpoint: String? {
    checkpointPath.flatMap { Checkpoint.exists(at: $0) ? $0 : nil }
  }

  // MARK: Checkpoints

  /// Writes weights, moments and position to ``checkpointPath``, replacing the one before at once.
  public func saveCheckpoint() throws(TrainingError) {
    guard let checkpointPath else { return }
    try Checkpoint.save(optimizer, step: step, identity: identity, to: checkpointPath)
  }

  /// Goes on from the checkpoint at ``checkpointPath``, if there is one.
  ///
  /// - Returns: whether there was.
  public func restoreCheckpoint() throws(TrainingError) -> Bool {
    guard let checkpointPath, Checkpoint.exists(at: checkpointPath) else { return false }
    step = try Checkpoint.restore(optimizer, identity: identity, from: checkpointPath)
    return true
  }
}

func hexadecimal(_ value: UInt64) -> String {
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
