internal import RefluxStorage

#if canImport(Darwin)
  internal import Darwin
#else
  internal import Glibc
#endif

/// Asks the system for the blocks of a lane's next step before it needs them, as long as bytes come
/// from the medium: with everything in the page cache the asking would cost more than it gives.
struct ReadAhead {
  /// Steps without any reading after which nothing is asked for any more.
  private static let patience = 32
  private var rows: [PlanRow]
  private var quietSteps = 0
  private var lastCount = 0

  init(rows: Int) { self.rows = Array(repeating: PlanRow(), count: rows) }

  /// Looks whether the last step read from the medium, and asks for what `step` needs if one of the
  /// last few did.
  mutating func run(
    _ plan: FeedPlan, step: Int, _ cursor: inout FeedPlan.Cursor, _ readers: [SourceReaders]
  ) {
    let count = Self.mediumReads
    quietSteps = count == lastCount ? quietSteps + 1 : 0
    lastCount = count
    guard quietSteps < Self.patience else { return }
    plan.fill(step: step, rows: &rows, &cursor)
    for row in rows {
      plan.sources[row.source].forEachPiece(of: row.window, window: plan.window) { piece in
        readers[row.source].tokens.prefetch(piece.records)
        readers[row.source].samples?.prefetch(piece.records)
      }
    }
  }

  /// Page faults of this thread that waited for a medium, and reads that it started.
  private static var mediumReads: Int {
    var usage = rusage()
    #if os(Linux)
      // RUSAGE_THREAD, a macro that Swift does not see.
      unsafe getrusage(1, &usage)
    #else
      unsafe getrusage(RUSAGE_SELF, &usage)
    #endif
    return usage.ru_majflt + usage.ru_inblock
  }
}
