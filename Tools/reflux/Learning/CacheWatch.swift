import RefluxBytes
import Synchronization

/// Says once, after its first groups, how long a capture takes.
final class CacheWatch: Sendable {
  private let total: Int
  /// Reports so far, and where and when the second one was.
  private let state = Mutex((calls: 0, start: 0, clock: ContinuousClock.now))

  /// Groups until the rate is known: the first one prepares memory and products.
  private static let groups = 4

  init(total: Int) { self.total = total }

  /// Takes a report of the capture; the first one says where an earlier run stopped.
  func update(_ done: Int) {
    let rate: Double? = state.withLock { state in
      if state.calls == 1 { (state.clock, state.start) = (.now, done) }
      state.calls += 1
      if state.calls != Self.groups + 1 { return nil }
      return Double(done - state.start) / ((ContinuousClock.now - state.clock) / .seconds(1))
    }
    guard let rate else { return }
    Console.note(
      "cache: about " + Quantity.time(Double(total - done) / rate) + " more at "
        + Quantity.scaled(rate, unit: "tokens") + "/s")
  }
}
