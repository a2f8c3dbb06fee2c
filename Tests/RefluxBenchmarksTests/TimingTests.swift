import Testing

@testable import RefluxBenchmarks

@Suite struct TimingTests {
  @Test func sortsItsRuns() {
    let timing = Timing([3, 1, 2])
    #expect(timing.seconds == [1, 2, 3])
    #expect(timing.runs == 3)
    #expect(timing.median == 2)
  }

  @Test(arguments: [
    (0.0, 1.0), (0.1, 1.3), (0.25, 1.75), (0.5, 2.5), (0.9, 3.7), (1.0, 4.0),
  ])
  func interpolatesQuantiles(q: Double, expected: Double) {
    #expect(abs(Timing([4, 2, 1, 3]).quantile(q) - expected) < 1e-12)
  }

  @Test func knowsEveryQuantileOfOneRun() {
    let timing = Timing([0.5])
    #expect([0, 0.1, 0.5, 0.9, 1].map(timing.quantile) == Array(repeating: 0.5, count: 5))
    #expect(timing.rate(of: 10) == 20)
  }
}
