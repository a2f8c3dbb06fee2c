import Foundation
import TestSupport
import Testing

/// `reflux bench train`: rows, keys and refusals; never how fast.
@Suite struct BenchTrainTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  @Test func oneRowPerTargetWithItsKeys() throws {
    let run = try command.run([
      "bench", "train", "--runs", "1", "--vocabulary", "300", "--width", "64", "--layers", "1",
      "--batch", "2", "--window", "8", "--threads", "1", "--dtype", "float32", "--scratch", ".",
      "--json", "--quiet",
    ])
    #expect(run.exitCode == 0)
    #expect(run.diagnostics == "")
    let rows = try JSONRows(run.output).rows
    let targets = ["ce", "rskd12", "rskd50", "topk12", "ghost50", "fullkd"]
    #expect(rows.compactMap { $0["target"] as? String } == targets)
    for row in rows {
      var keys = [
        "bench", "dtype", "target", "parameters", "batch", "window", "threads", "runs",
        "median_ms", "tokens_per_second", "limit_tokens_per_second", "ratio_to_limit",
        "data_wait_percent", "peak_bytes",
      ]
      if row["target"] as? String != "ce" { keys.append("overhead_percent") }
      #expect(keys.filter { row[$0] == nil } == [])
      #expect(row["bench"] as? String == "step")
    }
    #expect(try folder.names() == [])
  }

  /// Each from every kind of sets that it takes, as things are and with a focus.
  @Test func anyLossFromSets() throws {
    let run = try command.run([
      "bench", "train", "--runs", "1", "--vocabulary", "300", "--width", "64", "--layers", "1",
      "--batch", "2", "--window", "32", "--threads", "1", "--dtype", "float32", "--scratch", ".",
      "--json", "--quiet", "--loss", "jsd:beta=0.3", "--loss", "dkd", "--loss", "ttm:gamma=0.7",
      "--loss", "pld", "--loss", "gld", "--loss", "sinkd", "--focus", "student-entropy:0.2",
    ])
    #expect(run.exitCode == 0, "\(run.diagnostics)")
    let rows = try JSONRows(run.output).rows
    let found = rows.map { row in
      let name = (row["target"] as? String ?? "").prefix { $0 != ":" }
      return "\(name) \(row["kind"] as? String ?? "") \(row["focus"] as? String ?? "all")"
    }
    let works = [
      "ce label", "jsd topk", "dkd sampled", "dkd topk", "ttm sampled", "ttm topk", "pld topk",
      "gld topk", "sinkd topk",
    ]
    #expect(found == works.map { $0 + " all" } + works.map { $0 + " student-entropy:0.2" })
  }

  @Test(arguments: [
    ["--width", "65"], ["--dtype", "float16"], ["--target", "none"], ["--runs", "0"],
    ["--loss", "jds"], ["--focus", "student-entropy:2"],
  ])
  func impossibleSizesAreUsageErrors(arguments: [String]) throws {
    #expect(try command.run(["bench", "train"] + arguments).exitCode == 64)
  }
}
