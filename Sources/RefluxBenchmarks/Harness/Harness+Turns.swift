internal import RefluxProfiling

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
