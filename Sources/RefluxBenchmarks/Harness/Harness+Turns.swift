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
    for run in 0..<warmUps + runs {
      for (index, turn) in turns.enumerated() {
        try check()
        turn.prepare()
        let stopwatch = Stopwatch()
        BlackHole.consume(turn.work())
        let time = stopwatch.seconds
        if run >= warmUps { seconds[index].append(time) }
      }
    }
    return seconds
  }

  /// By how many percent `work` takes longer than `base`: the median over the runs, each of which
  /// had its turns within the same moments.
  static func overhead(_ work: [Double], over base: [Double]) -> Double {
    100 * (Timing(zip(work, base).map { $0 / $1 }).median - 1)
  }
}
