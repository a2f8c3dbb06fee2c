/// How a store is cut into batches, and how far ahead they are prepared.
public struct FeedConfiguration: Sendable, Equatable {
  /// The order that windows come in.
  public enum Order: String, Sendable, CaseIterable {
    /// A new keyed permutation of all windows every epoch.
    case shuffled
    /// As in the store.
    case sequential
  }

  /// Windows per batch, B. 1...65,536.
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
  /// The step to begin with; a run that stopped after n steps goes on at step n.
  public var firstStep: Int
  /// The number of steps to prepare; nil for no end.
  public var stepCount: Int?

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

  /// Checks every field by itself.
  ///
  /// - Throws: `configuration`, naming the field.
  public func validate() throws(FeedError) {
    try Self.check("batch", batch, 1...65_536)
    try Self.check("window", window, 1...1 << 20)
    try Self.check("tokens per batch", batch * window, 1...1 << 24)
    try Self.check("lanes", lanes, 1...64)
    try Self.check("slots", slots, 1...1_024)
    try Self.check("first step", firstStep, 0...1 << 48)
    try Self.check("step count", stepCount ?? 0, 0...1 << 48)
  }

  private static func check(
    _ name: String, _ value: Int, _ range: ClosedRange<Int>
  ) throws(FeedError) {
    guard range.contains(value) else {
      throw .configuration(field: name, found: value, expected: range)
    }
  }
}
