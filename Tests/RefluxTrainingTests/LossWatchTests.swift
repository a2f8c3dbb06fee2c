import Testing

@testable import RefluxTraining

/// What is a spike in a run of losses.
@Suite struct LossWatchTests {
  private func watch(mean: Double) -> LossWatch {
    var watch = LossWatch()
    _ = watch.judge(loss: mean, norm: 1, spikeFactor: 0)
    return watch
  }

  /// Above the mean by more than (3 - 1) times its size; losses of raw top-K sets can be negative.
  @Test(arguments: [
    (2.0, 5.9, false), (2, 6.1, true), (-2, -2.1, false), (-2, -1.9, false), (-2, 0, false),
    (-2, 1.9, false), (-2, 2.1, true), (-2, 50, true), (0, -1, false), (0, 0.1, true),
  ])
  func spikesRiseAboveTheMean(mean: Double, loss: Double, isSpike: Bool) {
    var watch = watch(mean: mean)
    let flaw = watch.judge(loss: loss, norm: 1, spikeFactor: 3)
    #expect((flaw != nil) == isSpike)
    // A spike leaves the mean as it is; other losses move it.
    #expect((watch.mean == mean) == isSpike)
  }

  @Test func whatIsNoNumberIsNeverGood() {
    var watch = watch(mean: -1)
    for loss in [Double.nan, .infinity, -.infinity] {
      #expect(watch.judge(loss: loss, norm: 1, spikeFactor: 0) != nil)
    }
    #expect(watch.judge(loss: 1, norm: .nan, spikeFactor: 0) != nil)
    #expect(watch.mean == -1)
  }
}
