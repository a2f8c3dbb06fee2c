internal import RefluxProfiling
internal import Synchronization

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

/// Where results go that are not read: work whose result vanished would be optimised away.
enum BlackHole {
  private static let sink = Atomic<UInt64>(0)

  /// Uses `value` in a way that the compiler cannot leave out.
  ///
  /// Never inlined, so that a caller's loop cannot be moved past it.
  ///
  /// - Complexity: one atomic operation; call it once per run, not per item.
  @inline(never)
  static func consume(_ value: UInt64) {
    sink.bitwiseXor(value, ordering: .relaxed)
  }
}

extension Harness {
  /// One of several pieces of work that are to be compared.
  struct Turn {
    /// Brings the data back to its first state; not timed.
    var prepare: () -> Void
    /// What is timed.
    var work: () -> UInt64
  }

  /// Times pieces of work in turns, so that what else the machine does hits all alike.
  ///
  /// - Returns: seconds of each piece, in the order of the runs: `result[piece][run]`.
  func take(_ turns: [Turn]) throws(BenchmarkError) -> [[Double]] {
    var seconds = turns.map { _ in [Double]() }
    for counts in self.turns {
      for (index, turn) in turns.enumerated() {
        try check()
        turn.prepare()
        let stopwatch = Stopwatch()
        BlackHole.consume(turn.work())
        let time = stopwatch.seconds
        if counts { seconds[index].append(time) }
      }
    }
    return seconds
  }

  /// Times one run.
  func measure(once work: () -> UInt64) throws(BenchmarkError) -> Double {
    try check()
    let stopwatch = Stopwatch()
    BlackHole.consume(work())
    return stopwatch.seconds
  }

  /// By how many percent `work` takes longer than `base`: the median over the runs, each of which
  /// had its turns within the same moments.
  static func overhead(_ work: [Double], over base: [Double]) -> Double {
    100 * (Timing(zip(work, base).map { $0 / $1 }).median - 1)
  }
}
