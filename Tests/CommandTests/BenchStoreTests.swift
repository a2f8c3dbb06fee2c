import Foundation
import TestSupport
import Testing

/// `reflux bench store`: rows, keys and refusals; never how fast.
@Suite struct BenchStoreTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  private func bench(_ arguments: String...) throws -> Command.Outcome {
    try command.run(
      [
        "bench", "store", "--scratch", ".", "--runs", "1", "--records", "1024",
        "--simulated-size", "64MiB",
      ] + arguments)
  }

  @Test func printsOneObjectPerRow() throws {
    let run = try bench("--json", "--quiet")
    #expect(run.exitCode == 0)
    #expect(run.diagnostics == "")
    let rows = try JSONRows(run.output).rows
    let common = [
      "bench", "samples", "encoding", "level", "threads", "runs", "median_ms", "p10_ms", "p90_ms",
      "ratio_to_limit",
    ]
    let own = [
      "size": [
        "bytes_per_record", "unique_ids_per_record", "bytes_per_unique_id",
        "entropy_bytes_per_record", "ratio_to_paper", "ratio_to_entropy",
      ],
      "decode": ["tokens_per_second", "limit_tokens_per_second"],
      "random": ["tokens_per_second", "limit_tokens_per_second"],
      "write": [
        "tokens_per_second", "limit_tokens_per_second", "fixed_width_megabytes_per_second",
        "pairs_megabytes_per_second",
      ],
      "open": [
        "limit_ms", "far_record_ms", "memory_bytes", "goal_ms", "goal_memory_bytes",
        "simulated_bytes", "requested_bytes",
      ],
    ]
    #expect(Set(rows.compactMap { $0["bench"] as? String }) == Set(own.keys))
    for row in rows {
      let bench = row["bench"] as? String ?? ""
      let missing = (common + own[bench, default: []]).filter { row[$0] == nil }
      #expect(missing == [], "\(bench)")
    }
    #expect(try folder.names() == [])
  }

  @Test func printsTablesAndTellsWhatItDoes() throws {
    let run = try bench("--seed", "7")
    #expect(run.exitCode == 0)
    #expect(run.output.hasPrefix("size, samples synthetic, "))
    #expect(run.output.contains("\n\ndecode, samples synthetic, "))
    #expect(run.output.contains(", seed 7, threads 1, runs 1"))
    #expect(run.output.contains("records 1,024"))
    #expect(run.diagnostics.hasPrefix("bench store: drawing 1024 synthetic sets\n"))
    #expect(run.diagnostics.contains("bench store: decode: synthetic, packed, level 0\n"))
  }

  @Test func measuresOnlyWhatIsWanted() throws {
    let run = try bench("--json", "--quiet", "--only", "size", "--only", "open")
    #expect(run.exitCode == 0)
    let rows = try JSONRows(run.output).rows
    #expect(rows.compactMap { $0["bench"] as? String } == ["size", "open", "size", "size", "open"])
  }

  @Test func refusesASmallOrWeightedOrMissingStore() throws {
    try Samples.makeTokens(in: folder)
    try Samples.makeSamples(in: folder)
    try Samples.makeSamples(in: folder, name: "weighted.rfx", weighted: true)
    let small = try bench("--samples", "samples.rfx", "--quiet")
    #expect(small.exitCode == 2)
    #expect(small.diagnostics.hasPrefix("reflux: samples.rfx: holds 22 records, at least "))
    let weighted = try bench("--samples", "weighted.rfx", "--quiet")
    #expect(weighted.exitCode == 2)
    #expect(weighted.diagnostics.hasPrefix("reflux: weighted.rfx: holds weights; "))
    let missing = try bench("--samples", "none.rfx", "--quiet")
    #expect(missing.exitCode == 1)
    #expect(missing.diagnostics.hasPrefix("reflux: none.rfx: cannot open: "))
    let tokens = try bench("--samples", "corpus.rfx", "--quiet")
    #expect(tokens.exitCode == 2)
    #expect(
      [small, weighted, missing, tokens].allSatisfy { $0.output == "" })
  }

  @Test func needsAScratchFolder() throws {
    let run = try command.run("bench", "store", "--scratch", "none", "--quiet")
    #expect(run.exitCode == 1)
    #expect(
      run.diagnostics
        == "reflux: none: there is no such folder; create it or name another --scratch\n")
  }

  @Test(arguments: [
    ["--simulated-size", "1KB"], ["--simulated-size", "17TB"], ["--only", "speed"],
    ["--runs", "0"], ["--records", "1023"], ["--records", "99999999"], ["--seed", "-1"],
  ])
  func refusesWrongUsage(arguments: [String]) throws {
    let run = try command.run(["bench", "store"] + arguments)
    #expect(run.exitCode == 64)
    #expect(run.output == "")
  }

  @Test func stopsOnASignal() throws {
    let running = try command.start(
      ["bench", "store", "--scratch", folder.path, "--runs", "10000"])
    try waitFor("decode") { try running.diagnosticsSoFar().contains("decode") }
    running.process.interrupt()
    let run = try running.outcome()
    #expect(run.exitCode == 130)
    #expect(run.output == "")
    #expect(try folder.names() == [])
  }
}
