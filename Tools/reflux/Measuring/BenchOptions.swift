public import ArgumentParser
import Foundation
internal import RefluxBenchmarks
import RefluxFiles
import RefluxModel

/// What the verbs of `reflux bench` have in common: rows that go out as lines of JSON while they
/// come, or as tables at the end.
struct BenchOptions: ParsableArguments {
  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  /// Runs a benchmark and prints its rows; notes on the console name the verb.
  func run<Measured: Benchmark>(
    _: Measured.Type, _ configuration: Measured.Configuration, verb: String
  ) throws {
    let quiet = showing.quiet
    let benchmark = Measured(
      configuration,
      observer: BenchmarkObserver(
        note: { if !quiet { Console.note("bench \(verb): " + $0) } },
        isInterrupted: { Interruption.isRequested }))
    try print(benchmark.run)
  }

  private func print(_ run: ((BenchmarkRow) throws -> Void) throws -> Void) throws {
    var rows: [BenchmarkRow] = []
    do {
      try run { row in
        if printing.json { try Output.line(row.object) }
        rows.append(row)
      }
    } catch BenchmarkError.interrupted {
      throw Failure.interrupted("nothing is kept; run the same command again to start over")
    } catch {
      throw Failure(error)
    }
    if !printing.json { try Output.write(RowTable(rows).text) }
  }

  /// Checks the values of an option.
  ///
  /// - Throws: `ValidationError` unless all of them lie in `range`.
  static func check(_ option: String, _ values: Int..., in range: ClosedRange<Int>) throws {
    try check(option, values, in: range)
  }

  /// Checks the values of an option that may be given several times.
  static func check(_ option: String, _ values: [Int], in range: ClosedRange<Int>) throws {
    guard values.allSatisfy(range.contains) else {
      throw ValidationError("\(option) must be \(range.lowerBound) to \(range.upperBound)")
    }
  }
}

extension Precision: ExpressibleByArgument {}

/// Options of benchmarks that write stores.
struct ScratchOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Folder with room for what is written (default: the system's temporary folder).",
      valueName: "folder"))
  var scratch: String?

  /// Calls `body` with the path of a new folder, which is removed with everything in it afterwards.
  func withFolder(_ body: (String) throws -> Void) throws {
    let parent = scratch ?? FileManager.default.temporaryDirectory.path
    guard FileSystem.isFolder(path: parent) else {
      throw Failure(path: parent, "there is no such folder; create it or name another --scratch")
    }
    let path = parent + "/reflux-bench-" + UUID().uuidString
    try at(parent) { try FileSystem.createDirectory(path: path) }
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }
}
