internal import Dispatch
internal import RefluxProfiling
public import RefluxStorage

/// Batches of one or several token stores, and of the sample stores that belong to them, prepared
/// ahead of use.
///
/// `lanes` private threads read, decompress and gather; lane j makes steps j, j + lanes, ... from
/// the first step on, each into its slot of a ring, while the consumer works on earlier ones. What
/// a step holds is the plan's business and the same for any number of lanes and slots.
///
/// A feed belongs to one thread. Dropping it ends the lanes, without waiting for them: a lane that
/// is reading finishes that batch first and keeps the stores open until then.
///
/// Memory: ``memoryBytes(_:_:)``; allocated at the start, nothing afterwards.
public final class Feed {
  /// What the feed was made with; valid.
  public let configuration: FeedConfiguration
  /// Which windows every step holds.
  public let plan: FeedPlan
  /// The step that `withNextBatch` delivers next.
  public private(set) var nextStep: Int
  /// Seconds that `withNextBatch` waited for data, from the first call on.
  public private(set) var waitSeconds = 0.0
  /// Windows with damaged blocks that were skipped so far.
  public private(set) var skippedWindows = 0
  /// The last of their faults.
  public private(set) var lastSkippedFault: FeedError?
  /// Where the time went; nil unless the configuration measures.
  public private(set) var statistics: FeedStatistics?
  /// After how many seconds without a batch `onStall` is called, each time anew.
  public var stallSeconds = 60.0
  /// Called by the thread that waits, with what every lane is doing; nil waits in silence.
  public var onStall: ((FeedState) -> Void)?

  private let endStep: Int
  let ring: Ring
  private let slots: [Slot]
  private let boards: [LaneBoard]
  private var isDelivering = false

  /// A feed of one store; see the other initializer.
  public convenience init(
    tokens: TokenStore, samples: SampleStore?, configuration: FeedConfiguration
  ) throws(FeedError) {
    let source = FeedSource(name: "the store", tokens: tokens, samples: samples)
    try self.init([source], configuration: configuration)
  }

  /// Checks the stores against each other and the configuration, and starts the lanes.
  ///
  /// - Parameters:
  ///   - sources: the stores, at least one.
  ///   - configuration: sizes, order and where to begin.
  /// - Throws: what ``FeedPlan`` throws; `mismatch`, `contextDiffers`, `packingDiffers`,
  ///   `tooFewSamples`, `missingSamples`, `missingScalar` or `vocabularies`, with several stores
  ///   inside `blended`.
  /// - Complexity: constant, at any first step, but for packed documents; the slots' memory.
  public init(
    _ sources: [FeedSource], configuration: FeedConfiguration
  ) throws(FeedError) {
    let plan = try FeedSource.plan(sources, configuration)
    self.configuration = configuration
    self.plan = plan
    let first = configuration.startStep
    nextStep = first
    endStep = configuration.stepCount.map { first + $0 } ?? .max
    statistics = configuration.measures ? FeedStatistics() : nil
    let ring = Ring(slots: configuration.slots, firstStep: first)
    let slots = (0..<configuration.slots).map { _ in Slot() }
    let boards = (0..<configuration.lanes).map { _ in LaneBoard() }
    (self.ring, self.slots, self.boards) = (ring, slots, boards)
    let steps = first..<endStep
    for number in 0..<configuration.lanes {
      // A serial queue each: lanes block on reads and on the ring, which starves shared queues.
      DispatchQueue(label: "reflux.feed.\(number)").async {
        let lane = Lane(
          plan: plan, sources: sources, configuration: configuration, board: boards[number])
        lane.run(number, steps, ring, slots)
      }
    }
  }

  deinit { ring.cancel() }

  /// Whole batches per epoch.
  public var stepsPerEpoch: Int { plan.stepsPerEpoch }
  /// Where to resume, on any number of ranks: to be kept with a checkpoint.
  public var position: FeedPosition { plan.position(atStep: nextStep) }
  /// Stops the feed from any thread.
  public var canceller: FeedCanceller { FeedCanceller(ring: ring) }

  /// What the feed and its lanes are doing just now.
  public var state: FeedState {
    FeedState(
      position: position, readyBatches: ring.readyCount, slots: configuration.slots,
      skippedWindows: skippedWindows, lanes: boards.map(\.state))
  }

  /// Lends the batch of the next step to `body` and takes it back afterwards, also when it throws.
  ///
  /// - Parameter body: reads the batch; spans of it are valid until it returns.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws; `tokens` or `samples` at the first step that cannot be made, and
  ///   from then on at every call; `finished` after the last step; `cancelled`.
  public func withNextBatch<Result>(
    _ body: (borrowing Batch) throws -> Result
  ) throws -> Result {
    precondition(!isDelivering, "withNextBatch inside withNextBatch")
    guard nextStep < endStep else { throw FeedError.finished(steps: configuration.stepCount ?? 0) }
    let waited = try waitForData()
    let slot = slots[ring.slot(ofStep: nextStep)]
    note(slot.batch, waited)
    isDelivering = true
    defer {
      isDelivering = false
      ring.advance()
      nextStep += 1
    }
    return try body(slot.batch)
  }

  private func note(_ batch: borrowing Batch, _ waited: Double) {
    statistics?.add(batch, wait: UInt64(waited * 1e9))
    if batch.skippedRows == 0 { return }
    skippedWindows += batch.skippedRows
    lastSkippedFault = batch.skippedFault
  }

  private func waitForData() throws(FeedError) -> Double {
    if ring.nextIsReady {
      try ring.waitForNext()
      return 0
    }
    let stopwatch = Stopwatch()
    var waited = 0.0
    defer { waitSeconds += waited }
    do throws(FeedError) {
      if let onStall {
        try ring.waitForNext(seconds: stallSeconds) { onStall(state) }
      } else {
        try ring.waitForNext()
      }
    } catch {
      waited = stopwatch.seconds
      throw error
    }
    waited = stopwatch.seconds
    return waited
  }
}
