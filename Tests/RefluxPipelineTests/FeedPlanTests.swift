import RefluxPipeline
import Testing

@Suite struct FeedPlanTests {
  static func plan(
    windows: Int, batch: Int, window: Int = 4, seed: UInt64 = 1,
    order: FeedConfiguration.Order = .shuffled
  ) throws -> FeedPlan {
    try FeedPlan(
      tokenCount: windows * window + 1,
      configuration: FeedConfiguration(batch: batch, window: window, seed: seed, order: order))
  }

  static func windows(_ plan: FeedPlan, _ steps: Range<Int>) -> [Int] {
    var row = [Int](repeating: 0, count: plan.batch)
    return steps.flatMap { step in
      plan.fill(step: step, windows: &row)
      return row
    }
  }

  @Test(arguments: [(1, 1), (2, 1), (7, 7), (100, 8), (1_001, 16), (4_096, 64)])
  func everyEpochTakesEveryWindowAtMostOnce(windows: Int, batch: Int) throws {
    for order in FeedConfiguration.Order.allCases {
      let plan = try Self.plan(windows: windows, batch: batch, order: order)
      #expect(plan.windowCount == windows && plan.stepsPerEpoch == windows / batch)
      for epoch in 0..<3 {
        let first = epoch * plan.stepsPerEpoch
        let taken = Self.windows(plan, first..<first + plan.stepsPerEpoch)
        #expect(taken.count == windows - windows % batch)
        #expect(Set(taken).count == taken.count)
        #expect(taken.allSatisfy { $0 >= 0 && $0 < windows })
        #expect(plan.epoch(ofStep: first) == epoch)
      }
    }
  }

  @Test func epochsAndSeedsDiffer() throws {
    let plan = try Self.plan(windows: 1_000, batch: 10)
    let epochs = (0..<3).map { Self.windows(plan, $0 * 100..<($0 + 1) * 100) }
    let other = Self.windows(try Self.plan(windows: 1_000, batch: 10, seed: 2), 0..<100)
    for (one, two) in [(0, 1), (0, 2), (1, 2)] {
      // Random orders agree in one place on average.
      #expect(zip(epochs[one], epochs[two]).count { $0 == $1 } < 9)
    }
    #expect(zip(epochs[0], other).count { $0 == $1 } < 9)
  }

  /// What an epoch leaves out is not the same every time.
  @Test func theRemainderChangesFromEpochToEpoch() throws {
    let plan = try Self.plan(windows: 109, batch: 10)
    let left = (0..<20).map { epoch in
      Set(0..<109).subtracting(Self.windows(plan, epoch * 10..<(epoch + 1) * 10))
    }
    #expect(left.allSatisfy { $0.count == 9 })
    #expect(Set(left).count == 20)
  }

  /// Windows are counted from the first epoch on: an epoch beyond all numbers has no place.
  @Test(arguments: [1 << 48, 1 << 41, .max, -1])
  func positionsBeyondAllNumbersAreRefused(epoch: Int) throws {
    var configuration = FeedConfiguration(batch: 8, window: 4)
    configuration.remainder = .carried
    let tokens = 4 << 20 + 1
    let plan = try FeedPlan(tokenCount: tokens, configuration: configuration)
    var position = FeedPosition(
      step: 3, dataStep: 3, epoch: epoch, window: 0, plan: plan.fingerprint)
    configuration.position = position
    #expect(throws: FeedError.self) {
      try FeedPlan(tokenCount: tokens, configuration: configuration)
    }
    position.epoch = 1 << 39
    configuration.position = position
    let late = try FeedPlan(tokenCount: tokens, configuration: configuration)
    #expect(late.epoch(ofStep: 3) == 1 << 39)
  }

  @Test func sequentialIsTheStoresOrder() throws {
    let plan = try Self.plan(windows: 23, batch: 5, order: .sequential)
    #expect(Self.windows(plan, 0..<4) == Array(0..<20))
    #expect(Self.windows(plan, 4..<8) == Array(0..<20))
  }

  /// The same steps in any order of asking: nothing but the step counts.
  @Test func stepsAreIndependentOfEachOther() throws {
    let plan = try Self.plan(windows: 300, batch: 7)
    let all = Self.windows(plan, 0..<200)
    for step in (0..<200).reversed() {
      #expect(Self.windows(plan, step..<step + 1) == Array(all[step * 7..<step * 7 + 7]))
    }
  }

  /// Frozen, by a second implementation: References/plan.py.
  @Test func ordersAreFrozen() throws {
    let plan = try Self.plan(windows: 1_000, batch: 4, seed: 42)
    #expect(Self.windows(plan, 0..<2) == [419, 706, 940, 434, 715, 795, 580, 525])
    #expect(Self.windows(plan, 250..<252) == [9, 369, 541, 394, 205, 276, 315, 406])
  }

  @Test func aStoreHasAWindowPerWholeWindowAndOneLabel() throws {
    for (tokens, windows) in [(9, 2), (12, 2), (13, 3), (5, 1)] {
      let plan = try FeedPlan(
        tokenCount: tokens, configuration: FeedConfiguration(batch: 1, window: 4))
      #expect(plan.windowCount == windows)
    }
  }

  @Test func tooSmallStoresAreRefused() {
    for (tokens, batch) in [(0, 1), (1, 1), (4, 1), (8, 2)] {
      #expect(throws: FeedError.tooFewTokens(found: tokens, needed: batch * 4 + 1)) {
        try FeedPlan(
          tokenCount: tokens, configuration: FeedConfiguration(batch: batch, window: 4))
      }
    }
  }

  @Test func badConfigurationsAreRefusedByField() {
    let good = FeedConfiguration(batch: 4, window: 8)
    let changes: [(String, (inout FeedConfiguration) -> Void)] = [
      ("batch", { $0.batch = 0 }), ("batch", { $0.batch = 65_537 }),
      ("window", { $0.window = 0 }), ("window", { $0.window = 1 << 20 + 1 }),
      (
        "tokens per batch",
        {
          $0.batch = 4_096
          $0.window = 4_097
        }
      ),
      ("lanes", { $0.lanes = 0 }), ("lanes", { $0.lanes = 65 }),
      ("slots", { $0.slots = 0 }), ("slots", { $0.slots = 1_025 }),
      ("first step", { $0.firstStep = -1 }), ("first step", { $0.firstStep = .max }),
      ("step count", { $0.stepCount = -1 }), ("step count", { $0.stepCount = .max }),
    ]
    for (name, change) in changes {
      var configuration = good
      change(&configuration)
      let error = #expect(throws: FeedError.self) { try configuration.validate() }
      guard case .configuration(let field, _, _)? = error else {
        Issue.record("\(name): \(String(describing: error))")
        continue
      }
      #expect(field == name)
    }
    #expect(throws: Never.self) { try good.validate() }
  }
}
