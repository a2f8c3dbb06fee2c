import RefluxJSON
import RefluxPipeline
import RefluxTargets
import Testing

/// Every window once, whatever is done to a run.
@Suite struct PlanPropertyTests {
  static let window = 4

  static func shape(_ windows: Int, _ name: String = "a") -> SourceShape {
    SourceShape(name: name, tokenCount: windows * window + 1, fingerprint: UInt64(windows))
  }

  static func configuration(
    batch: Int, ranks: Int = 1, rank: Int = 0, order: FeedConfiguration.Order = .shuffled,
    remainder: FeedConfiguration.Remainder = .carried, position: FeedPosition? = nil
  ) -> FeedConfiguration {
    var configuration = FeedConfiguration(batch: batch, window: window, seed: 5, order: order)
    (configuration.ranks, configuration.rank) = (ranks, rank)
    (configuration.remainder, configuration.position) = (remainder, position)
    return configuration
  }

  /// The rows of a step of all ranks, in the global order.
  static func rows(
    _ shapes: [SourceShape], _ weights: [Int], batch: Int, ranks: Int, step: Int,
    order: FeedConfiguration.Order = .shuffled,
    remainder: FeedConfiguration.Remainder = .carried, position: FeedPosition? = nil
  ) throws -> (rows: [PlanRow], next: FeedPosition) {
    var all = Array(repeating: PlanRow(source: -1), count: batch * ranks)
    var next: FeedPosition?
    for rank in 0..<ranks {
      let plan = try FeedPlan(
        shapes, weights: weights,
        configuration: configuration(
          batch: batch, ranks: ranks, rank: rank, order: order, remainder: remainder,
          position: position))
      var cursor = plan.makeCursor()
      var own = Array(repeating: PlanRow(), count: batch)
      plan.fill(step: step, rows: &own, &cursor)
      for (row, made) in own.enumerated() { all[row * ranks + rank] = made }
      let after = plan.position(atStep: step + 1)
      #expect(next == nil || next == after)
      next = after
    }
    return (all, try #require(next))
  }

  /// A run that changes the number of ranks and rows at every stop goes through the same order.
  @Test(arguments: FeedConfiguration.Order.allCases, [[97], [30, 71], [13, 40, 210]])
  func stopsAndOtherRanksChangeNothing(
    order: FeedConfiguration.Order, counts: [Int]
  ) throws {
    let shapes = counts.enumerated().map { Self.shape($1, "\($0)") }
    let weights = counts.indices.map { 3 + 2 * $0 }
    var reference: [PlanRow] = []
    for step in 0..<600 {
      reference += try Self.rows(shapes, weights, batch: 1, ranks: 1, step: step, order: order).rows
    }
    var (position, taken): (FeedPosition?, [PlanRow]) = (nil, [])
    for turn in 0..<40 {
      let (batch, ranks) = (1 + turn % 4, 1 + turn * 7 % 5)
      let step = position?.step ?? 0
      let made = try Self.rows(
        shapes, weights, batch: batch, ranks: ranks, step: step, order: order, position: position)
      taken += made.rows
      position = made.next
    }
    #expect(taken == Array(reference[..<taken.count]))
    #expect(position?.step == 40)
    for (source, count) in counts.enumerated() {
      let own = reference.filter { $0.source == source }
      for (epoch, first) in stride(from: 0, through: own.count - count, by: count).enumerated() {
        let rows = own[first..<first + count]
        #expect(rows.allSatisfy { $0.epoch == epoch })
        #expect(Set(rows.map(\.window)) == Set(0..<count))
      }
    }
  }

  /// Whole batches alone: the same windows, but for those at the end of each epoch.
  @Test(arguments: FeedConfiguration.Order.allCases)
  func droppedRemaindersStayDroppedAcrossStops(order: FeedConfiguration.Order) throws {
    let shapes = [Self.shape(101)]
    var (position, epochs): (FeedPosition?, [Int: [Int]]) = (nil, [:])
    for turn in 0..<60 {
      let made = try Self.rows(
        shapes, [1], batch: 2 + turn % 3, ranks: 2, step: position?.step ?? 0, order: order,
        remainder: .dropped, position: position)
      for row in made.rows { epochs[row.epoch, default: []].append(row.window) }
      position = made.next
    }
    #expect(epochs.count > 2)
    for windows in epochs.values {
      #expect(Set(windows).count == windows.count)
      #expect(windows.allSatisfy { (0..<101).contains($0) })
    }
    // At most one step's windows less one are left over.
    #expect(epochs.filter { $0.key < epochs.count - 1 }.values.allSatisfy { $0.count > 101 - 8 })
  }

  @Test(arguments: [1, 63, 64, 65, 500, 64 * 32 * 2 + 77])
  func localOrderIsOneForEveryCount(count: Int) throws {
    let plan = try FeedPlan(
      [Self.shape(count)], weights: [1],
      configuration: Self.configuration(batch: 1, order: .local))
    var cursor = plan.makeCursor()
    var row = [PlanRow()]
    var epochs: [[Int]] = []
    for epoch in 0..<2 {
      var windows: [Int] = []
      for step in epoch * count..<(epoch + 1) * count {
        plan.fill(step: step, rows: &row, &cursor)
        windows.append(row[0].window)
      }
      #expect(Set(windows) == Set(0..<count))
      epochs.append(windows)
    }
    #expect(count < 60 || epochs[0] != epochs[1])
  }

  /// Local order moves windows as far as a random one does, and keeps neighbours only as near as
  /// one of 32 runs in use at a time must.
  @Test func shuffleQualityIsWhatIsStated() throws {
    let qualities = try FeedConfiguration.Order.allCases.map { order in
      let plan = try FeedPlan(
        [Self.shape(200_000)], weights: [1],
        configuration: Self.configuration(batch: 8, order: order))
      return ShuffleQuality(of: plan)
    }
    let (shuffled, local, sequential) = (qualities[0], qualities[1], qualities[2])
    #expect(abs(shuffled.displacement - 1) < 0.02 && abs(shuffled.neighbourPercent) < 0.1)
    #expect(abs(local.displacement - 1) < 0.1)
    #expect(local.neighbourPercent > 2 && local.neighbourPercent < 5)
    #expect(sequential.displacement == 0 && sequential.neighbourPercent > 99)
  }

  // MARK: Skipping and positions

  @Test func skippedStepsAreLeftOut() throws {
    var configuration = Self.configuration(batch: 3)
    let whole = try FeedPlan([Self.shape(50)], weights: [1], configuration: configuration)
    configuration.skippedSteps = [2..<5, 9..<10]
    let plan = try FeedPlan([Self.shape(50)], weights: [1], configuration: configuration)
    #expect((0..<8).map(plan.dataStep) == [0, 1, 5, 6, 7, 8, 10, 11])
    var cursor = plan.makeCursor()
    var (rows, expected) = (
      Array(repeating: PlanRow(), count: 3), Array(repeating: PlanRow(), count: 3)
    )
    for step in 0..<30 {
      plan.fill(step: step, rows: &rows, &cursor)
      whole.fill(step: plan.dataStep(ofStep: step), rows: &expected, &cursor)
      #expect(rows == expected)
    }
    // Stopped in any place, and with the ranges known only then.
    for step in 0..<12 {
      configuration.position = plan.position(atStep: step)
      let resumed = try FeedPlan([Self.shape(50)], weights: [1], configuration: configuration)
      for later in step..<20 {
        #expect(resumed.dataStep(ofStep: later) == plan.dataStep(ofStep: later))
        #expect(resumed.position(atStep: later) == plan.position(atStep: later))
      }
    }
    for bad in [[3..<3], [5..<7, 6..<9], [9..<10, 2..<3]] {
      configuration.skippedSteps = bad
      #expect(throws: FeedError.self) { try configuration.validate() }
    }
  }

  @Test func positionsOfOtherPlansAreRefused() throws {
    let shapes = [Self.shape(50), Self.shape(60, "b")]
    let plan = try FeedPlan(
      shapes, weights: [1, 2], configuration: Self.configuration(batch: 2))
    let position = plan.position(atStep: 7)
    #expect(FeedPosition(json: position.json) == position)
    let others: [([SourceShape], [Int], (inout FeedConfiguration) -> Void)] = [
      (shapes, [1, 3], { _ in }), (Array(shapes.reversed()), [1, 2], { _ in }),
      (shapes, [1, 2], { $0.seed = 6 }), (shapes, [1, 2], { $0.order = .local }),
      (shapes, [1, 2], { $0.window = 5 }), (shapes, [1, 2], { $0.packing = .documents }),
    ]
    for (shapes, weights, change) in others {
      var configuration = Self.configuration(batch: 2, position: position)
      change(&configuration)
      do {
        _ = try FeedPlan(shapes, weights: weights, configuration: configuration)
        Issue.record("another plan took the position")
      } catch FeedError.otherPlan(let found, _) {
        #expect(found == plan.fingerprint)
      }
    }
    // Other rows and ranks are the same plan.
    let same = try FeedPlan(
      shapes, weights: [1, 2],
      configuration: Self.configuration(batch: 3, ranks: 4, rank: 2, position: position))
    #expect(same.fingerprint == plan.fingerprint)
  }

  /// Frozen: kept positions must stay good.
  @Test func fingerprintsAreFrozen() throws {
    let plan = try FeedPlan(
      [Self.shape(50)], weights: [1], configuration: Self.configuration(batch: 2))
    #expect(plan.fingerprint == 12_996_784_772_474_807_588)
  }
}
