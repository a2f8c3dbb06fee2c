internal import RefluxProfiling

/// Times work by a monotonic clock: some runs for warming up that are dropped, then those that
/// count.
///
/// Each piece of work returns a number made from its result, which goes to the black hole.
struct Harness: Sendable {
  /// Runs that count, at least 1.
  let runs: Int
  /// Runs before them, for caches, page tables and the processor's clock.
  let warmUps: Int
  private let observer: BenchmarkObserver

  init(runs: Int, warmUps: Int = 2, observer: BenchmarkObserver = BenchmarkObserver()) {
    precondition(runs >= 1 && warmUps >= 0, "a harness needs a run")
    self.runs = runs
    self.warmUps = warmUps
    self.observer = observer
  }

  /// For each run, those for warming up first, whether it counts.
  var turns: [Bool] { (0..<warmUps + runs).map { $0 >= warmUps } }

  /// - Throws: `interrupted` when the observer says so; called before each run.
  func check() throws(BenchmarkError) { try observer.check() }

  /// Times one piece of work.
  ///
  /// - Throws: `interrupted` between runs when the observer says so, and what the work throws.
  func measure(_ work: () throws(BenchmarkError) -> UInt64) throws(BenchmarkError) -> Timing {
    var seconds: [Double] = []
    for counts in turns {
      try check()
      let time = try Self.time(work)
      if counts { seconds.append(time) }
    }
    return Timing(seconds)
  }

  /// Times a piece of work and its physical limit in turns: what else the machine does meanwhile
  /// hits both alike, so their ratio holds where the times themselves do not.
  func compare(
    _ work: () throws(BenchmarkError) -> UInt64, limit: () throws(BenchmarkError) -> UInt64
  ) throws(BenchmarkError) -> (work: Timing, limit: Timing) {
    var (seconds, limits): ([Double], [Double]) = ([], [])
    for counts in turns {
      try check()
      let (time, least) = (try Self.time(work), try Self.time(limit))
      if !counts { continue }
      seconds.append(time)
      limits.append(least)
    }
    return (Timing(seconds), Timing(limits))
  }

  private static func time(
    _ work: () throws(BenchmarkError) -> UInt64
  ) throws(BenchmarkError) -> Double {
    let stopwatch = Stopwatch()
    BlackHole.consume(try work())
    return stopwatch.seconds
  }
}
