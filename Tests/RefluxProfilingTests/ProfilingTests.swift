import RefluxProfiling
import Testing

@Suite struct ProfilingTests {
  @Test func stopwatchesDoNotGoBack() {
    var stopwatch = Stopwatch()
    var before = 0.0
    for _ in 0..<1_000 {
      let now = stopwatch.seconds
      #expect(now >= before)
      before = now
    }
    #expect(stopwatch.restart() >= before)
  }

  @Test func ratesLookBackOverTheirWindow() {
    var rate = Rate(window: 5)
    #expect(rate.perSecond == 0 && rate.overall == 0)
    for second in 1...20 { rate.add(100, at: Double(second)) }
    #expect(rate.total == 2_000 && rate.overall == 100)
    #expect(rate.perSecond == 100)
    for second in 21...25 { rate.add(300, at: Double(second)) }
    #expect(rate.perSecond == 300)
    #expect(rate.overall == 3_500 / 25)
  }

  /// A first item long after the start is a slow rate, not an infinite one.
  @Test func pausesCount() {
    var rate = Rate(window: 2)
    rate.add(10, at: 0)
    #expect(rate.perSecond == 0)
    rate.add(30, at: 10)
    #expect(rate.perSecond == 3)
    rate.add(50, at: 60)
    #expect(rate.perSecond == 1)
  }

  /// More entries than are kept: the rate is still that of the window.
  @Test func denseAddsAreThinned() {
    var rate = Rate(window: 10)
    for index in 1...10_000 { rate.add(1, at: Double(index) / 100) }
    #expect(rate.total == 10_000)
    #expect(abs(rate.perSecond - 100) < 0.01)
  }
}
