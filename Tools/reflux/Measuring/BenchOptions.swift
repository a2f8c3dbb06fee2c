import RefluxBenchmarks

/// What the benchmarks' verbs have in common: rows that go out as lines of JSON while they come, or
/// as tables at the end.
enum BenchRows {
  /// Notes on the console, unless quiet, and the user's wish to stop.
  static func observer(_ verb: String, quiet: Bool) -> BenchmarkObserver {
    BenchmarkObserver(
      note: { if !quiet { Console.note("bench \(verb): " + $0) } },
      isInterrupted: { Interruption.isRequested })
  }

  /// Runs a benchmark and prints the rows it gives to its closure.
  static func print(
    json: Bool, _ run: ((BenchmarkRow) throws -> Void) throws -> Void
  ) throws {
    var rows: [BenchmarkRow] = []
    do {
      try run { row in
        if json { try Output.line(row.object) }
        rows.append(row)
      }
    } catch BenchmarkError.interrupted {
      throw Failure.interrupted("nothing is kept; run the same command again to start over")
    } catch {
      throw Failure(error)
    }
    if !json { try Output.write(RowTable(rows).text) }
  }
}
