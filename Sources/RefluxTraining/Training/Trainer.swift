public import RefluxMemory
public import RefluxModel
public import RefluxPipeline
internal import RefluxProfiling
public import RefluxStorage
internal import RefluxTargets

/// Trains a student on token stores, with sample sets or an online teacher.
///
/// A run is a function of its configuration, its initial weights and its data: the number of
/// workers and of prefetch lanes changes no bit of it, and a run that stops at a checkpoint and
/// resumes gives the bits of one that never stopped.
///
/// A step descends along the gradient of the sum over its positions of weight * loss, divided by
/// the number of positions, with a focus by those that it leaves where all count; the loss that is
/// reported is divided by the sum of the weights. Weights are those of the stores, and 0 where a
/// label belongs to another document or to filling, or where a focus leaves a position out.
///
/// Memory: weights, gradients and two moments (16 bytes per parameter, 2 more with bfloat16; see
/// ``Optimizer`` for Muon), the activations of one batch (see `TrainingPass`), and the feed's
/// ring.
public final class Trainer {
  /// What decides the run; checked.
  public let configuration: TrainingConfiguration
  /// The student; every step changes its weights.
  public let decoder: any LanguageModel
  /// Where checkpoints go; nil writes none.
  public let checkpointPath: String?
  let engine: any StepEngine
  private let writer: CheckpointWriter?
  private var watch = LossWatch()
  private var lastCheckpoint = Stopwatch()
  private let sources: [FeedSource]
  /// The plan of the whole run.
  let plan: FeedPlan
  /// What a checkpoint must agree with.
  var identity: RunIdentity
  /// Steps that the moments have seen before the run's first one.
  var earlierSteps = 0
  /// Steps done.
  public private(set) var step = 0
  /// Where the next batch is; nil before the first.
  private var position: FeedPosition?
  /// The windows of the last step's first batch.
  private var windows: [Int] = []
  /// Called before each checkpoint is begun, with the run at its step; what it throws ends the run.
  public var onCheckpoint: (() throws(TrainingError) -> Void)?
  /// Called after every minute without a batch, with what the feed's lanes are doing, as JSON.
  public var onStall: ((String) -> Void)?

  /// A run on one store.
  ///
  /// - Parameter samples: the sample store of `tokens`, for objectives that need one.
  public convenience init(
    _ configuration: TrainingConfiguration, decoder: any LanguageModel, tokens: TokenStore,
    samples: SampleStore? = nil, teacher: (any LanguageModel)? = nil,
    checkpointPath: String? = nil
  ) throws(TrainingError) {
    try self.init(
      configuration, decoder: decoder,
      sources: [FeedSource(name: "the store", tokens: tokens, samples: samples)],
      teacher: teacher, checkpointPath: checkpointPath)
  }

  /// - Parameters:
  ///   - decoder: the student, initialised or loaded.
  ///   - sources: one or several stores; with sample stores for objectives that need them.
  ///   - teacher: for targets of all its logits; on the same workers as the student.
  /// - Throws: ``TrainingError`` when the parts do not belong together: vocabularies, contexts,
  ///   packing, estimator and objective. Nothing is trained before all fits.
  public convenience init(
    _ configuration: TrainingConfiguration, decoder: any LanguageModel, sources: [FeedSource],
    teacher: (any LanguageModel)? = nil, checkpointPath: String? = nil
  ) throws(TrainingError) {
    try self.init(
      configuration, decoder: decoder, sources: sources, teacher: teacher,
      checkpointPath: checkpointPath
    ) { sources, teacher throws(TrainingError) in
      try CPUEngine(decoder, configuration, sources: sources, teacher: teacher)
    }
  }

  /// The same with another engine.
  ///
  /// - Parameter makeEngine: called when all fits, with what the objective reads of the stores, and
  ///   with the teacher if it needs one.
  package init(
    _ configuration: TrainingConfiguration, decoder: any LanguageModel, sources: [FeedSource],
    teacher: (any LanguageModel)?, checkpointPath: String?,
    makeEngine: (_ sources: [FeedSource], _ teacher: (any LanguageModel)?)
      throws(TrainingError) -> any StepEngine
  ) throws(TrainingError) {
    let sources = sources.map { $0.read(by: configuration) }
    let teacher = configuration.kind == .dense ? teacher : nil
    try Self.check(configuration, decoder, sources, teacher)
    do { plan = try FeedSource.plan(sources, configuration.feed) } catch { throw .feed(error) }
    self.configuration = configuration
    self.decoder = decoder
    self.sources = sources
    identity = Self.identity(configuration, decoder, sources, plan, teacher)
    self.checkpointPath = checkpointPath
    let engine = try makeEngine(sources, teacher)
    self.engine = engine
    writer = try checkpointPath.map { path throws(TrainingError) in
      try engine.withState { state throws(TrainingError) in
        CheckpointWriter(state, path: path, kept: configuration.keptCheckpoints)
      }
    }
    windows.reserveCapacity(configuration.batch)
  }

  /// Tokens of one step.
  public var tokensPerStep: Int {
    configuration.accumulation * configuration.batch * configuration.window
  }

  /// Gradients of the last step, in the order of the decoder's table.
  public var gradients: View<Float> { engine.gradients }

  /// Trains from ``step`` to the end.
  ///
  /// - Parameters:
  ///   - onStep: called after each step.
  ///   - shouldStop: asked after each step; true ends the run with a checkpoint.
  /// - Throws: `TrainingError.diverged` before a bad gradient reaches the weights; the feed's and
  ///   the file system's errors. The last checkpoint stays as it is.
  public func run(
    onStep: (StepReport) throws -> Void = { _ in }, shouldStop: () -> Bool = { false }
  ) throws -> TrainingOutcome {
    if step >= configuration.steps { return .finished }
    let feed = try Feed(sources, configuration: feedConfiguration)
    if let onStall { feed.onStall = { onStall($0.description) } }
    lastCheckpoint = Stopwatch()
    do {
      while step < configuration.steps {
        let report = try trainStep(feed)
        try onStep(report)
        let stop = shouldStop() && step < configuration.steps
        if stop || step == configuration.steps || isCheckpoint(step) { try beginCheckpoint() }
        if stop {
          try writer?.finish()
          return .interrupted(step: step)
        }
      }
    } catch {
      // The error that ended the run is the one to tell.
      try? writer?.finish()
      throw error
    }
    try writer?.finish()
    return .finished
  }

  private func trainStep(_ feed: Feed) throws -> StepReport {
    let clock = Stopwatch()
    let (waited, first) = (feed.waitSeconds, feed.position.dataStep)
    let sums = try takeBatches(feed)
    let (loss, norm) = (sums.meanLoss, engine.gradientNorm())
    let flaw = watch.judge(loss: loss, norm: norm, spikeFactor: configuration.spikeFactor)
    if let flaw, configuration.badSteps == .stop {
      throw TrainingError.diverged(
        step: step + 1, what: flaw, batches: first..<feed.position.dataStep, windows: windows,
        checkpoint: savedCheckpoint)
    }
    let rate = configuration.schedule.rate(at: step)
    let alpha = configuration.distillation(at: step)
    if flaw == nil { engine.update(step: earlierSteps + step, rate: rate, norm: norm) }
    step += 1
    position = feed.position
    let seconds = clock.seconds
    return StepReport(
      step: step, tokens: step * tokensPerStep, loss: loss,
      setEntropy: sums.meanSetEntropy, sets: sums.setFigures, gradientNorm: norm,
      learningRate: rate, alpha: alpha,
      tokensPerSecond: Double(tokensPerStep) / seconds,
      dataWaitPercent: 100 * (feed.waitSeconds - waited) / seconds,
      skippedWindows: feed.skippedWindows, skipped: flaw)
  }

  /// Loss and gradients of the step's batches.
  private func takeBatches(_ feed: Feed) throws -> LossSums {
    var sums = LossSums()
    for turn in 0..<configuration.accumulation {
      try feed.withNextBatch { batch in
        if turn == 0 { note(batch.windowIndices) }
        sums += try engine.loss(of: batch, step: step, accumulates: turn > 0)
      }
    }
    return sums
  }

  private func note(_ indices: Span<Int>) {
    windows.removeAll(keepingCapacity: true)
    for row in indices.indices { windows.append(indices[row]) }
  }

  private var feedConfiguration: FeedConfiguration {
    var feed = configuration.targetFeed(sources)
    feed.position = position
    feed.firstStep = configuration.accumulation * step
    feed.stepCount = configuration.accumulation * (configuration.steps - step)
    return feed
  }

  private func isCheckpoint(_ step: Int) -> Bool {
    let (steps, minutes) = (configuration.checkpointSteps, configuration.checkpointMinutes)
    return steps > 0 && step % steps == 0
      || minutes > 0 && lastCheckpoint.seconds >= 60 * minutes
  }

  /// The checkpoint that is there when the one being written is done.
  private var savedCheckpoint: String? {
    try? writer?.finish()
    return checkpointPath.flatMap { Checkpoint.exists(at: $0) ? $0 : nil }
  }

  // MARK: Checkpoints

  /// Writes weights, moments and position to ``checkpointPath``, replacing the one before at once.
  public func saveCheckpoint() throws(TrainingError) {
    try beginCheckpoint()
    try writer?.finish()
  }

  private func beginCheckpoint() throws(TrainingError) {
    lastCheckpoint = Stopwatch()
    try onCheckpoint?()
    guard let writer else { return }
    let position = position ?? plan.position(atStep: configuration.accumulation * step)
    let state = Checkpoint.State(
      step: step, identity: identity, earlierSteps: earlierSteps, position: position, watch: watch)
    try engine.withState { values throws(TrainingError) in try writer.begin(state, values) }
  }

  /// Stands where a checkpoint of the run says.
  func take(_ state: Checkpoint.State) {
    (step, position, watch) = (state.step, state.position, state.watch)
    earlierSteps = state.earlierSteps
  }
}
