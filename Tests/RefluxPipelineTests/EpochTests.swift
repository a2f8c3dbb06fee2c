import RefluxPipeline
import Testing

/// How long runs of so many epochs are.
@Suite struct EpochTests {
  private func plan(
    _ windows: [Int], batch: Int, _ remainder: FeedConfiguration.Remainder = .dropped,
    epochs: [Double]? = nil
  ) throws -> FeedPlan {
    var configuration = FeedConfiguration(batch: batch, window: 4)
    configuration.remainder = remainder
    let shapes = windows.enumerated().map {
      SourceShape(name: "\($0)", tokenCount: 4 * $1 + 1)
    }
    return try FeedPlan(
      shapes, weights: epochs.map { FeedMix.weights(epochs: $0, windows: windows) } ?? [1],
      configuration: configuration)
  }

  /// Batches that an epoch has too many for a step begin one that the next epoch fills.
  @Test(arguments: [(8.0, 4, 34), (1, 4, 4), (8, 32, 4), (0.5, 1, 8), (0.05, 1, 0), (1, 17, 1)])
  func stepsAreCountedOverTheWholeRun(epochs: Double, batches: Int, steps: Int) throws {
    // 17 batches of 3 windows, and two windows that are dropped.
    let plan = try plan([53], batch: 3)
    #expect(plan.steps(epochs: [epochs], batches: batches) == steps)
  }

  /// floor(8 * 1744 / 400), and floor(8 * 1744 / 100) batches.
  @Test func carriedWindowsAreCountedToo() throws {
    let plan = try plan([1744], batch: 100, .carried)
    #expect(plan.steps(epochs: [8], batches: 4) == 34)
    #expect(plan.steps(epochs: [8]) == 139)
    #expect(try self.plan([1744], batch: 100).steps(epochs: [8], batches: 4) == 34)
  }

  /// In binary 0.29 * 100 is a little less than 29.
  @Test func fractionsAreMeantAsTheyAreWritten() throws {
    let plan = try plan([100], batch: 1)
    for share in 1...100 {
      #expect(plan.steps(epochs: [Double(share) / 100]) == share)
    }
  }

  /// A mix goes through each store as often as it says, wherever the run's length allows it.
  @Test(arguments: [
    ([120, 120], [2.0, 1.0]), ([100, 70], [1, 3]), ([40, 30, 20], [0.5, 2, 3.5]),
    ([64, 16], [0.25, 0]),
  ])
  func mixesTakeTheirEpochs(windows: [Int], epochs: [Double]) throws {
    let plan = try plan(windows, batch: 1, epochs: epochs)
    let steps = plan.steps(epochs: epochs)
    let expected = zip(windows, epochs).map { Int(Double($0) * $1) }
    #expect(steps == expected.reduce(0, +))
    #expect(plan.windowsTaken(beforeStep: steps) == expected)
    #expect(
      plan.windowsTaken(beforeStep: plan.steps(epochs: epochs.map { 2 * $0 }))
        == expected.map { 2 * $0 })
  }

  @Test func sharesOfHugeStoresKeepTheirProportions() {
    let weights = FeedMix.weights(epochs: [3, 1], windows: [1 << 41, 1 << 41])
    #expect(weights[0] == 1 << 40 && abs(weights[1] - (1 << 40) / 3) <= 1)
    #expect(FeedMix.weights(epochs: [0, 0], windows: [5, 5]) == [0, 0])
  }
}
