/// Which windows every step holds: a pure function of the configuration and the stores' sizes.
///
/// Window w of a store is records w L ..< (w + 1) L of it. Its labels are the records one further,
/// so a store of n tokens has floor((n - 1) / L) windows; packed documents have windows of their
/// own. Where tokens have weights, the windows are those in which some token counts. All windows of
/// a run stand in one global order, from which each step takes the next B w ones, for w ranks with
/// B rows each.
///
/// One store: an epoch takes every window at most once. Where the remainder is dropped it is as
/// many whole steps as there are; the windows left over are others every epoch when shuffled. Where
/// it is carried an epoch takes every window exactly once, and a step may begin the next one.
/// Several stores: `Blend` says which store the next window comes from, and each store goes through
/// epochs of its own, every window exactly once.
///
/// The order depends on seed, epoch and the numbers of windows alone. Any step costs the same, so
/// resuming is starting there.
public struct FeedPlan: Sendable, Equatable {
  /// The stores.
  public let sources: [SourceShape]
  /// The windows of each store.
  public let windowCounts: [Int]
  /// Windows per step of one rank.
  public let batch: Int
  /// Windows per step of all ranks.
  public let windowsPerStep: Int
  /// Tokens per window.
  public let window: Int
  /// The seed of the order.
  public let seed: UInt64
  /// The order of windows in every epoch.
  public let order: FeedConfiguration.Order
  /// Whether epochs end in the middle of steps.
  public let remainder: FeedConfiguration.Remainder
  /// What names all of this but the number of ranks and rows.
  public let fingerprint: UInt64

  let blend: Blend
  private let rank: Int
  private let ranks: Int
  private let start: FeedPosition
  private let skippedSteps: [Range<Int>]

  /// Plans for a store of `tokenCount` tokens.
  ///
  /// - Throws: `configuration`, or `tooFewTokens` when there is no whole batch.
  public init(tokenCount: Int, configuration: FeedConfiguration) throws(FeedError) {
    try self.init(
      [SourceShape(name: "the store", tokenCount: tokenCount)], weights: [1],
      configuration: configuration)
  }

  /// Plans for one or several stores.
  ///
  /// - Parameters:
  ///   - sources: at least one.
  ///   - weights: the share of each in windows, as long as no phase says otherwise.
  ///   - configuration: everything else.
  /// - Throws: `configuration`; `tooFewTokens` where there is no whole step, or no window of a
  ///   store; `weights`; `otherPlan` for a position that belongs to another plan.
  /// - Complexity: constant; time and memory of the phases.
  public init(
    _ sources: [SourceShape], weights: [Int], configuration: FeedConfiguration
  ) throws(FeedError) {
    try configuration.validate()
    self.sources = sources
    (batch, window) = (configuration.batch, configuration.window)
    (rank, ranks) = (configuration.rank, configuration.ranks)
    windowsPerStep = configuration.windowsPerStep
    (seed, order) = (configuration.seed, configuration.order)
    remainder = sources.count > 1 ? .carried : configuration.remainder
    windowCounts = sources.map { $0.windowCount(configuration.window) }
    skippedSteps = configuration.skippedSteps
    let phases = try Self.phases(sources, weights, configuration)
    blend = Blend(phases)
    fingerprint = Self.fingerprint(
      sources, windowCounts, phases, configuration, remainder: remainder)
    start =
      configuration.position
      ?? FeedPosition(step: 0, dataStep: 0, epoch: 0, window: 0, plan: fingerprint)
    let needed = remainder == .dropped ? windowsPerStep : 1
    for (source, count) in zip(sources, windowCounts) where count < needed {
      if source.kept != nil { throw .tooFewWeighted(found: count, needed: needed) }
      throw .tooFewTokens(
        found: source.tokenCount, needed: needed * configuration.window + 1)
    }
    try check(start)
  }

  /// The windows of all stores.
  public var windowCount: Int { windowCounts.reduce(0, +) }

  /// Whole steps per epoch; where epochs end within steps, or several stores have their own, steps
  /// that take as many windows as there are, rounded down.
  public var stepsPerEpoch: Int { windowCount / windowsPerStep }

  /// The epoch of the first window of a step, from 0; for several stores of all windows together.
  public func epoch(ofStep step: Int) -> Int {
    let place = place(ofStep: step)
    return remainder == .dropped ? place.epoch : place.window / windowCount
  }

  // MARK: Steps

  /// The step of the plan that a step of the run takes: another one where steps are left out.
  public func dataStep(ofStep step: Int) -> Int {
    precondition(step >= start.step, "a step before the plan's position")
    var found = start.dataStep + step - start.step
    for skipped in skippedSteps where skipped.upperBound > start.dataStep {
      let first = max(skipped.lowerBound, start.dataStep)
      if first > found { break }
      found += skipped.upperBound - first
    }
    return found
  }

  /// Where a run is after `step` steps.
  public func position(atStep step: Int) -> FeedPosition {
    let place = place(ofStep: step)
    var (epoch, window) = (place.epoch, place.window)
    if remainder == .carried, sources.count == 1 {
      (epoch, window) = window.quotientAndRemainder(dividingBy: windowCounts[0])
    }
    return FeedPosition(
      step: step, dataStep: dataStep(ofStep: step), epoch: epoch, window: window,
      plan: fingerprint)
  }

  /// The epoch of a step's first window, and the windows before it: in the epoch where the
  /// remainder is dropped, else in all.
  func place(ofStep step: Int) -> (epoch: Int, window: Int) {
    var steps = dataStep(ofStep: step) - start.dataStep
    if remainder == .carried {
      let first = sources.count == 1 ? start.epoch * windowCounts[0] : 0
      return (0, first + start.window + steps * windowsPerStep)
    }
    let left = (windowCounts[0] - start.window) / windowsPerStep
    if steps < left { return (start.epoch, start.window + steps * windowsPerStep) }
    steps -= left
    let (epochs, turn) = steps.quotientAndRemainder(dividingBy: stepsPerEpoch)
    return (start.epoch + 1 + epochs, turn * windowsPerStep)
  }

  /// Checks that a position is of this plan.
  ///
  /// - Throws: `otherPlan` for a position of another plan, `configuration` for one that has no
  ///   place in this.
  public func check(_ position: FeedPosition) throws(FeedError) {
    guard position.plan == fingerprint else {
      throw .otherPlan(found: position.plan, expected: fingerprint)
    }
    let most = 1 << 48
    let isOne = sources.count == 1
    let windows = isOne ? windowCounts[0] : most
    // Windows are counted from the first epoch on.
    let epochs = isOne ? min(most, (1 << 60) / max(windowCounts[0], 1)) : most
    let numbers = [
      ("step", position.step, most), ("data step", position.dataStep, most),
      ("epoch", position.epoch, epochs), ("window", position.window, windows),
    ]
    for (name, number, limit) in numbers {
      try FeedConfiguration.check("position's " + name, number, 0...limit)
    }
  }

  // MARK: Rows

  /// Memory for asking a plan; one for each thread.
  public struct Cursor: Sendable {
    var orders: [WindowOrder]
  }

  /// A cursor at no place.
  public func makeCursor() -> Cursor {
    Cursor(
      orders: windowCounts.enumerated().map { number, count in
        // Stores of one size must not come in one order.
        WindowOrder(count: count, seed: seed &+ UInt64(number) &* Self.stride, order: order)
      })
  }

  private static let stride: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// What the rows of this rank are made from, at a step.
  ///
  /// - Parameters:
  ///   - step: from the plan's position on, over all epochs.
  ///   - rows: `batch` elements to write.
  ///   - cursor: from `makeCursor()`.
  public func fill(step: Int, rows: inout [PlanRow], _ cursor: inout Cursor) {
    precondition(rows.count == batch, "one element per row of a step")
    let first = place(ofStep: step)
    for row in 0..<batch {
      let draw = first.window + row * ranks + rank
      var (source, count) = (0, draw)
      if sources.count > 1 { (source, count) = blend.source(of: draw) }
      var epoch = first.epoch
      if remainder == .carried {
        (epoch, count) = count.quotientAndRemainder(dividingBy: windowCounts[source])
      }
      let window = cursor.orders[source].window(at: count, epoch: epoch)
      rows[row] = PlanRow(source: source, epoch: epoch, window: sources[source].window(window))
    }
  }

  /// The windows of a step of one store, in the order of the batch's rows.
  ///
  /// - Parameters:
  ///   - step: from 0 on, over all epochs.
  ///   - windows: `batch` elements to write.
  public func fill(step: Int, windows: inout [Int]) {
    precondition(step >= 0 && windows.count == batch, "one window per row of a step")
    var cursor = makeCursor()
    var rows = Array(repeating: PlanRow(), count: batch)
    fill(step: step, rows: &rows, &cursor)
    for row in 0..<batch { windows[row] = rows[row].window }
  }

  /// The pieces of the text that a row is made from.
  public func pieces(of row: PlanRow) -> [WindowPiece] {
    var pieces: [WindowPiece] = []
    sources[row.source].forEachPiece(of: row.window, window: window) { pieces.append($0) }
    return pieces
  }
}

/// What a row of a batch is made from.
public struct PlanRow: Equatable, Sendable {
  /// The number of the store.
  public var source: Int
  /// How often the store was gone through before.
  public var epoch: Int
  /// The window of the store.
  public var window: Int

  /// A row; nothing is checked.
  public init(source: Int = 0, epoch: Int = 0, window: Int = 0) {
    self.source = source
    self.epoch = epoch
    self.window = window
  }
}

extension FeedPlan {
  /// The whole steps of a run that goes through its stores so many times.
  ///
  /// Counted over the whole run: windows that one epoch has too many for a step begin a step that
  /// the next one fills; where remainders are dropped, batches do.
  ///
  /// - Parameters:
  ///   - epochs: of each store, 0 or more, in fractions where wanted.
  ///   - batches: steps of the plan that are one step of the run.
  public func steps(epochs: [Double], batches: Int = 1) -> Int {
    precondition(epochs.count == sources.count && batches >= 1, "epochs of each store")
    var windows = 0.0
    for (epochs, count) in zip(epochs, windowCounts) {
      let taken = remainder == .dropped ? count - count % windowsPerStep : count
      windows += epochs * Double(taken)
    }
    // 0.29 epochs of 100 windows are 29, whatever the product's last bit says.
    let steps = windows / Double(windowsPerStep * batches) * (1 + 1e-12)
    return Int(min(steps, 0x1p48).rounded(.down))
  }
}
