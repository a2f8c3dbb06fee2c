import Testing

@testable import RefluxPipeline

@Suite struct BlendTests {
  @Test(arguments: [[1], [1, 1], [7, 3], [1, 0, 2], [5, 1, 1, 93], [1_000_000_007, 3, 999]])
  func sharesAreExactOverAnyStretch(weights: [Int]) {
    let blend = Blend([(0, weights)])
    let total = Double(weights.reduce(0, +))
    var counts = weights.map { _ in 0 }
    for draw in 0..<5_000 {
      for source in weights.indices { #expect(blend.count(of: source, at: draw) == counts[source]) }
      let (source, count) = blend.source(of: draw)
      #expect(count == counts[source])
      counts[source] += 1
      for (source, weight) in weights.enumerated() {
        let exact = Double(weight) / total * Double(draw + 1)
        #expect(abs(Double(counts[source]) - exact) < Double(weights.count))
      }
    }
  }

  @Test func phasesGoOnWhereTheOneBeforeStopped() {
    let blend = Blend([(0, [3, 1]), (1_000, [0, 1]), (1_100, [1, 9])])
    var counts = [0, 0]
    for draw in 0..<3_000 {
      let (source, count) = blend.source(of: draw)
      #expect(count == counts[source])
      counts[source] += 1
      if draw == 999 { #expect(counts == [750, 250]) }
      if draw == 1_099 { #expect(counts == [750, 350]) }
    }
    #expect(counts == [750 + 190, 350 + 1_710])
  }

  /// The same numbers far out, without any loop up to there.
  @Test func farDrawsCostNothing() {
    let blend = Blend([(0, [3, 5, 8])])
    let draw = 1 << 55
    let counts = (0..<3).map { blend.count(of: $0, at: draw) }
    #expect(counts.reduce(0, +) == draw)
    #expect(blend.source(of: draw).count == counts[blend.source(of: draw).source])
  }

  @Test func weightsThatShareNothingAreRefused() throws {
    let shapes = ["a", "b"].map { SourceShape(name: $0, tokenCount: 100) }
    let configuration = FeedConfiguration(batch: 1, window: 4)
    for weights in [[1], [0, 0], [-1, 2], [1, 2, 3]] {
      #expect(throws: FeedError.weights(found: weights, stores: 2)) {
        try FeedPlan(shapes, weights: weights, configuration: configuration)
      }
    }
    #expect(throws: FeedError.weightSum(0.9)) { try FeedMix.whole([0.5, 0.4], stores: 2) }
    #expect(try FeedMix.whole([0.7, 0.3], stores: 2) == [700_000_000, 300_000_000])
    #expect(try FeedMix.whole([7, 3], stores: 2) == [7, 3])
    var phased = configuration
    phased.phases = [BlendPhase(firstWindow: 5, weights: [1, 1])]
    #expect(throws: FeedError.phase(firstWindow: 5)) {
      try FeedPlan(shapes, weights: [1, 1], configuration: phased)
    }
  }
}
