internal import Dispatch
internal import RefluxProfiling
public import RefluxStorage

/// Batches of a token store, and of the sample store that belongs to it, prepared ahead of use.
///
/// `lanes` private threads read, decompress and gather; lane j makes steps j, j + lanes, ... from
/// `firstStep` on, each into its slot of a ring, while the consumer works on earlier ones. What a
/// step holds is the plan's business and the same for any number of lanes and slots.
///
/// A feed belongs to one thread. Dropping it ends the lanes, without waiting for them: a lane that
/// is reading finishes that batch first and keeps the stores open until then.
///
/// Memory: slots * batch * window * (8 + 4 + 8 * capacity) bytes with samples, 8 per token without,
/// and per lane one decoded block of each store; allocated at the start, nothing afterwards.
public final class Feed {
  /// What the feed was made with; valid.
  public let configuration: FeedConfiguration
  /// Which windows every step holds.
  public let plan: FeedPlan
  /// The step that `withNextBatch` delivers next.
  public private(set) var nextStep: Int
  /// Seconds that `withNextBatch` waited for data, from the first call on.
  public private(set) var waitSeconds = 0.0

  private let endStep: Int
  let ring: Ring
  private let slots: [Slot]
  private var isDelivering = false

  /// Checks the stores against each other and the configuration, and starts the lanes.
  ///
  /// - Parameters:
  ///   - tokens: the token store.
  ///   - samples: the teacher's sample sets for these tokens; nil for tokens and labels only.
  ///   - configuration: sizes, order and where to begin.
  /// - Throws: `configuration`, `tooFewTokens`, `mismatch`, `contextDiffers` or `tooFewSamples`.
  /// - Cost: constant, at any first step; the slots' memory.
  public init(
    tokens: TokenStore, samples: SampleStore?, configuration: FeedConfiguration
  ) throws(FeedError) {
    let plan = try FeedPlan(tokenCount: tokens.count, configuration: configuration)
    if let samples { try Self.check(samples, against: tokens, plan) }
    self.configuration = configuration
    self.plan = plan
    nextStep = configuration.firstStep
    endStep = configuration.stepCount.map { configuration.firstStep + $0 } ?? .max
    let ring = Ring(slots: configuration.slots, firstStep: configuration.firstStep)
    let slots = (0..<configuration.slots).map { _ in
      Slot(Batch(plan: plan, sampleCapacity: samples?.capacity))
    }
    self.ring = ring
    self.slots = slots
    let steps = nextStep..<endStep
    for number in 0..<configuration.lanes {
      // A serial queue each: lanes block on reads and on the ring, which starves shared queues.
      DispatchQueue(label: "reflux.feed.\(number)").async {
        let lane = Lane(plan: plan, tokens: tokens, samples: samples)
        Self.run(lane, number, of: configuration.lanes, steps, ring, slots)
      }
    }
  }

  deinit { ring.cancel() }

  /// Whole batches per epoch.
  public var stepsPerEpoch: Int { plan.stepsPerEpoch }

  /// Lends the batch of the next step to `body` and takes it back afterwards, also when it throws.
  ///
  /// - Parameter body: reads the batch; spans of it are valid until it returns.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws; `tokens` or `samples` at the first step that cannot be made, and
  ///   from then on at every call; `finished` after the last step.
  public func withNextBatch<Result>(
    _ body: (borrowing Batch) throws -> Result
  ) throws -> Result {
    precondition(!isDelivering, "withNextBatch inside withNextBatch")
    guard nextStep < endStep else { throw FeedError.finished(steps: configuration.stepCount ?? 0) }
    try waitForData()
    isDelivering = true
    defer {
      isDelivering = false
      ring.advance()
      nextStep += 1
    }
    return try body(slots[ring.slot(ofStep: nextStep)].batch)
  }

  private func waitForData() throws(FeedError) {
    if ring.nextIsReady { return try ring.waitForNext() }
    let stopwatch = Stopwatch()
    defer { waitSeconds += stopwatch.seconds }
    try ring.waitForNext()
  }

  /// A lane's life: its steps in order, until the end, a failure or `cancel`.
  private static func run(
    _ lane: Lane, _ number: Int, of lanes: Int, _ steps: Range<Int>, _ ring: Ring, _ slots: [Slot]
  ) {
    guard number < steps.count else { return }
    for step in stride(from: steps.lowerBound + number, to: steps.upperBound, by: lanes) {
      guard ring.waitToFill(step: step) else { return }
      do {
        try lane.fill(&slots[ring.slot(ofStep: step)].batch, step: step)
        ring.finish(step: step, failure: nil)
      } catch {
        return ring.finish(step: step, failure: error)
      }
    }
  }

  private static func check(
    _ samples: SampleStore, against tokens: TokenStore, _ plan: FeedPlan
  ) throws(FeedError) {
    do {
      try samples.check(against: tokens)
      try samples.checkWhole()
    } catch {
      throw .mismatch(error)
    }
    let provenance = samples.provenance
    guard provenance.contextLength == plan.window, provenance.stride == plan.window else {
      throw .contextDiffers(
        contextLength: provenance.contextLength, stride: provenance.stride, window: plan.window)
    }
    let needed = plan.windowCount * plan.window
    guard samples.count >= needed else {
      throw .tooFewSamples(found: samples.count, needed: needed)
    }
  }
}
