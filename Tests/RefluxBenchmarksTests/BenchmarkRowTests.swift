import RefluxJSON
import Testing

@testable import RefluxBenchmarks

@Suite struct BenchmarkRowTests {
  @Test func putsARateBesideItsLimit() {
    let row = BenchmarkRow(
      bench: "decode", parameters: ["samples": .string("synthetic")], threads: 2,
      timing: Timing([0.25]), tokens: 100, limit: Timing([0.125]),
      figures: ["reads": .integer(3)])
    #expect(
      row.object == [
        "bench": .string("decode"), "samples": .string("synthetic"), "threads": .integer(2),
        "runs": .integer(1), "median_ms": .number(250), "p10_ms": .number(250),
        "p90_ms": .number(250), "tokens_per_second": .number(400),
        "limit_tokens_per_second": .number(800), "ratio_to_limit": .number(0.5),
        "reads": .integer(3),
      ])
  }

  @Test func countsTheTokensOfTheLimitApart() {
    let row = BenchmarkRow(
      bench: "x", parameters: [:], timing: Timing([1]), tokens: 100, limit: Timing([1]),
      limitTokens: 400)
    #expect(row.object["ratio_to_limit"] == .number(0.25))
  }

  @Test func putsATimeBesideItsLimit() {
    let row = BenchmarkRow(
      bench: "open", parameters: [:], timing: Timing([0.5]), limit: Timing([0.25]))
    #expect(row.object["limit_ms"] == .number(250))
    #expect(row.object["ratio_to_limit"] == .number(2))
    #expect(row.object["tokens_per_second"] == nil)
  }

  @Test func leavesOutWhatIsNotKnown() {
    let row = BenchmarkRow(bench: "size", parameters: [:], timing: Timing([1]))
    #expect(
      row.object.members.map(\.key)
        == ["bench", "threads", "runs", "median_ms", "p10_ms", "p90_ms"])
  }
}
