import Foundation
import TestSupport
import Testing

/// `reflux bench kernels` and `sampling`: rows, keys and refusals; never how fast.
@Suite struct BenchKernelTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  private static let common = [
    "bench", "vocabulary", "rows", "isa", "threads", "runs", "median_ms", "p10_ms", "p90_ms",
  ]

  private func rows(_ arguments: String...) throws -> [[String: Any]] {
    let run = try command.run(["bench"] + arguments + ["--json", "--quiet", "--runs", "1"])
    #expect(run.exitCode == 0)
    #expect(run.diagnostics == "")
    return try JSONRows(run.output).rows
  }

  private func missing(_ keys: [String], in row: [String: Any]) -> [String] {
    (Self.common + keys).filter { row[$0] == nil }
  }

  @Test func kernelRowsHaveTheirKeys() throws {
    let rows = try rows(
      "kernels", "--vocabulary", "300", "--rows", "8", "--ids", "2", "--ids", "12", "--threads",
      "2", "--width", "16", "--objective", "jsd:beta=0.9")
    let own = [
      "memcpy": [], "in_place": ["limit_ms", "ratio_to_limit"],
      "ce": ["limit_ms", "ratio_to_limit", "in_place_ms", "ratio_to_in_place"],
      "objective": ["objective", "target", "ids", "overhead_percent", "ratio_to_in_place"],
      "sparse_kl": ["limit_ms", "ratio_to_limit", "ratio_to_in_place", "ids", "overhead_percent"],
      "ghost": ["limit_ms", "ratio_to_limit", "ids", "overhead_percent"],
      "dense_kl": ["limit_ms", "ratio_to_limit"], "products": ["width", "gflops"],
      "linear_ce": ["limit_ms", "ratio_to_limit", "width", "gflops", "memory_bytes"],
      "linear_sparse_kl": ["limit_ms", "ratio_to_limit", "ids", "width", "overhead_percent"],
    ]
    #expect(Set(rows.compactMap { $0["bench"] as? String }) == Set(own.keys))
    for row in rows {
      let bench = row["bench"] as? String ?? ""
      var keys = own[bench, default: []]
      if row["target"] as? String == "dense" { keys.removeAll { $0 == "ids" } }
      #expect(missing(["dtype"] + keys, in: row) == [], "\(bench)")
      #expect(row["vocabulary"] as? Int == 300 && row["threads"] as? Int == 2)
    }
    let sparse = rows.filter { $0["bench"] as? String == "sparse_kl" }
    #expect(sparse.compactMap { $0["ids"] as? Int } == [2, 12, 2, 12])
    #expect(sparse.compactMap { $0["dtype"] as? String }.last == "bfloat16")
  }

  @Test func linearLossesCanBeLeftOut() throws {
    let rows = try rows(
      "kernels", "--vocabulary", "64", "--rows", "2", "--ids", "1", "--threads", "1", "--width",
      "0")
    #expect(!rows.contains { ($0["bench"] as? String ?? "").hasPrefix("linear") })
  }

  @Test func everyInstructionSetOfTheMachineRuns() throws {
    let refusal = try command.run(["bench", "kernels", "--isa", "none"])
    #expect(refusal.exitCode == 64)
    let line = refusal.diagnostics.split(separator: "\n").first { $0.contains("--isa") } ?? ""
    let names = line.components(separatedBy: "one of ").last?.components(separatedBy: ", ") ?? []
    #expect(names.contains("baseline") || names.contains("neon"))
    for name in names {
      let rows = try rows(
        "kernels", "--vocabulary", "70", "--rows", "2", "--ids", "1", "--threads", "1", "--width",
        "0", "--isa", name)
      #expect(rows.allSatisfy { $0["isa"] as? String == name })
    }
  }

  @Test func samplingRowsHaveTheirKeys() throws {
    let rows = try rows("sampling", "--vocabulary", "300", "--rounds", "7", "--rows", "4")
    #expect(
      rows.compactMap { $0["bench"] as? String } == [
        "softmax", "multinomial", "systematic", "topk",
      ])
    for row in rows {
      let own = row["bench"] as? String == "softmax" ? [] : ["overhead_percent", "ids_per_row"]
      #expect(missing(["rounds"] + own, in: row) == [])
    }
  }

  @Test func capturesHaveTheirShares() throws {
    let rows = try rows("sampling", "--teacher", "quickstart", "--dtype", "float32")
    #expect(rows.count == 1 && rows[0]["bench"] as? String == "capture")
    let keys = [
      "teacher", "dtype", "parameters", "tokens_per_second", "limit_tokens_per_second",
      "overhead_percent", "forward_percent", "sampling_percent", "storing_percent",
      "store_wait_percent", "ids_per_row",
    ]
    #expect(keys.filter { rows[0][$0] == nil } == [])
  }

  @Test(arguments: [
    ["kernels", "--vocabulary", "0"], ["kernels", "--threads", "0"], ["kernels", "--width=-1"],
    ["kernels", "--runs", "0"], ["sampling", "--rounds", "0"], ["sampling", "--deviation=-1"],
  ])
  func sizesOutOfRangeAreUsageErrors(arguments: [String]) throws {
    let run = try command.run(["bench"] + arguments)
    #expect(run.exitCode == 64)
    #expect(run.diagnostics.contains("must be"))
  }
}
