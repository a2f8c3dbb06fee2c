import Foundation
import TestSupport
import Testing

/// `reflux bench pipeline`: rows, keys and refusals; never how fast.
@Suite struct BenchPipelineTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  private func bench(_ arguments: String...) throws -> Command.Outcome {
    try command.run(
      ["bench", "pipeline", "--scratch", ".", "--runs", "1", "--tokens", "65536"] + arguments)
  }

  @Test func printsOneObjectPerRow() throws {
    let run = try bench(
      "--json", "--quiet", "--windows", "256", "2048", "--threads", "1", "--shards", "64")
    #expect(run.exitCode == 0 && run.diagnostics == "")
    let rows = try JSONRows(run.output).rows
    let common = [
      "bench", "payload", "encoding", "order", "window", "page_cache", "threads", "runs",
    ]
    for row in rows {
      let missing = (common + ["median_ms", "p10_ms", "p90_ms"]).filter { row[$0] == nil }
      #expect(missing == [], "\(row)")
    }
    let feeds = rows.filter { $0["bench"] as? String == "feed" }
    // Three kinds of data; two windows in two orders, one in a third, and the latter three cold.
    #expect(feeds.count == 24)
    for row in feeds where row["page_cache"] as? String == "warm" {
      for key in ["tokens_per_second", "limit_tokens_per_second", "ratio_to_limit"] {
        let figure = row[key] as? Double ?? 0
        #expect(figure > 0, "\(key)")
      }
      let bytes = row["formula_bytes"] as? Int ?? 0
      #expect(bytes > 0)
    }
    let names = rows.compactMap { $0["bench"] as? String }
    #expect(names.suffix(3) == ["jump", "jump", "start"])
    #expect(try folder.names() == [])
  }

  @Test func refusesNonsense() throws {
    for (option, value) in [("--threads", "0"), ("--windows", "7"), ("--shards", "1")] {
      let run = try bench(option, value)
      #expect(run.exitCode == 64 && run.output == "")
    }
  }
}
