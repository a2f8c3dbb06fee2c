import RefluxBytes

/// Shows how a capture goes on, and says once, after its first groups, how long it takes.
final class CacheWatch {
  private let isQuiet: Bool
  private var progress: Progress?
  private var clock = ContinuousClock.now
  private var calls = 0
  private var start = 0

  /// Groups until the rate is known: the first one prepares memory and products.
  private static let groups = 4

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  /// Takes a report of the capture; returns whether it is to go on.
  func update(_ done: Int, _ total: Int) -> Bool {
    // The first call says where an earlier run stopped.
    let current =
      progress
      ?? Progress("cache", unit: "tokens", total: total, start: done, isQuiet: isQuiet)
    progress = current
    if calls == 1 { (clock, start) = (.now, done) }
    if calls == Self.groups, !isQuiet { sayTime(done, total) }
    calls += 1
    current.update(to: done)
    return !Interruption.isRequested
  }

  func finish() { progress?.finish() }

  private func sayTime(_ done: Int, _ total: Int) {
    let rate = Double(done - start) / ((ContinuousClock.now - clock) / .seconds(1))
    Console.note(
      "cache: about " + CacheForecast.time(Double(total - done) / rate) + " more at "
        + Quantity.scaled(rate, unit: "tokens") + "/s")
  }
}
