public import RefluxTargets

/// How stores are cut into batches, in which order, and how far ahead they are prepared.
public struct FeedConfiguration: Sendable, Equatable {
  /// The order that windows come in.
  public enum Order: String, Sendable, CaseIterable {
    /// A new keyed permutation of all windows every epoch.
    case shuffled
    /// Shuffled runs of neighbours, and shuffled windows within 32 runs of 64: for disks that are
    /// slow at random places. See ``ShuffleQuality`` for what that costs.
    case local
    /// As in the store.
    case sequential
  }

  /// What becomes of the windows that are too few for a batch at the end of an epoch.
  public enum Remainder: String, Sendable, CaseIterable {
    /// They are left out; when shuffled, others every time.
    case dropped
    /// They begin a batch that the next epoch fills: every window once per epoch. Always so where
    /// several stores are blended.
    case carried
  }

  /// What becomes of a window with a damaged block.
  public enum DamagePolicy: String, Sendable, CaseIterable {
    /// The batch is an error.
    case stop
    /// Another window of the batch takes its row, with a weight of 0, and is counted.
    case skip
  }

  /// Windows per batch of one rank, B. 1...65,536.
  public var batch: Int
  /// Tokens per window, L. 1...1,048,576; at most 2^24 tokens per batch.
  public var window: Int
  /// The seed of the order.
  public var seed: UInt64
  /// The order of windows in every epoch.
  public var order: Order
  /// Prefetch threads. 1...64; changes nothing but the speed.
  public var lanes: Int
  /// Batches that exist at once, one of them with the consumer. 1...1,024; two or more for
  /// prefetch.
  public var slots: Int
  /// The step to begin with; a run that stopped after n steps resumes at step n.
  public var firstStep: Int
  /// The number of steps to prepare; nil for no end.
  public var stepCount: Int?
  /// How windows are cut.
  public var packing = Packing.windows
  /// Whether windows other than the teacher's are let through: its targets then know more, or
  /// less, of the text than the student does, which biases what the student learns.
  public var allowsOtherWindows = false
  /// Numbers of the teacher's whole distribution that batches hold beside the sets, each once; all
  /// sample stores must keep them.
  public var scalars: [TargetScalar] = []
  /// Machines that share the batches of a step, and which of them this is: rank r of w takes row
  /// r, r + w, ... of the step. 1...65,536.
  public var ranks = 1
  public var rank = 0
  /// What becomes of the end of an epoch.
  public var remainder = Remainder.dropped
  /// Steps of the plan that are left out, ascending and apart: the run continues with the step
  /// after them.
  public var skippedSteps: [Range<Int>] = []
  /// Where a run that was stopped resumes; nil for the start of the plan. With it, `firstStep` is
  /// the position's.
  public var position: FeedPosition?
  /// Shares of several stores from certain places on, the first from the start; empty takes the
  /// weights of the stores.
  public var phases: [BlendPhase] = []
  /// What becomes of windows with damaged blocks.
  public var onDamage = DamagePolicy.stop
  /// Memory for decompressed blocks that are used in part, of all lanes and stores together. Each
  /// lane keeps one per store in any case.
  public var cacheBytes = 0
  /// Whether times are taken.
  public var measures = false

  /// Windows of a batch.
  public static let batchRange = 1...65_536
  /// Tokens of a window.
  public static let windowRange = 1...1 << 20
  /// Ranks of a run.
  public static let ranksRange = 1...65_536

  /// Takes the values as they are; ``validate()`` checks them, and so does every feed.
  public init(
    batch: Int, window: Int, seed: UInt64 = 0, order: Order = .shuffled, lanes: Int = 2,
    slots: Int = 4, firstStep: Int = 0, stepCount: Int? = nil
  ) {
    self.batch = batch
    self.window = window
    self.seed = seed
    self.order = order
    self.lanes = lanes
    self.slots = slots
    self.firstStep = firstStep
    self.stepCount = stepCount
  }

  /// Windows of a step, of all ranks together.
  public var windowsPerStep: Int { batch * ranks }
  /// The step to begin with, by the position where there is one.
  public var startStep: Int { position?.step ?? firstStep }

  /// Checks every field by itself.
  ///
  /// - Throws: `configuration`, naming the field; `skippedSteps`.
  public func validate() throws(FeedError) {
    try Self.check("batch", batch, Self.batchRange)
    try Self.check("window", window, Self.windowRange)
    try Self.check("tokens per batch", batch * window, 1...1 << 24)
    try Self.check("lanes", lanes, 1...64)
    try Self.check("slots", slots, 1...1_024)
    try Self.check("first step", firstStep, 0...1 << 48)
    try Self.check("step count", stepCount ?? 0, 0...1 << 48)
    try Self.check("ranks", ranks, Self.ranksRange)
    try Self.check("rank", rank, 0...ranks - 1)
    try Self.check("windows per step", windowsPerStep, 1...1 << 24)
    try Self.check("cache bytes", cacheBytes, 0...1 << 46)
    var end = -1
    for steps in skippedSteps {
      guard steps.lowerBound > end, !steps.isEmpty, steps.upperBound <= 1 << 48 else {
        throw .skippedSteps(steps)
      }
      end = steps.upperBound - 1
    }
  }

  static func check(
    _ name: String, _ value: Int, _ range: ClosedRange<Int>
  ) throws(FeedError) {
    guard range.contains(value) else {
      throw .configuration(field: name, found: value, expected: range)
    }
  }
}
