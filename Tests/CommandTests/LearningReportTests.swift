import Foundation
import TestSupport
import Testing

/// `reflux report` over real runs.
@Suite struct LearningReportTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func makeRun(_ name: String, _ arguments: [String]) throws {
    try samples.done(
      LearningSamples.training + [
        "--loss", "ce", "--output", name, "--steps", "30", "--quiet",
      ] + arguments)
  }

  @Test func comparesRunsOnOnePage() throws {
    try samples.makeTokens()
    try makeRun("a", ["--held-out", "tokens.rfx", "--evaluate-every", "10"])
    try makeRun("b", ["--learning-rate", "0.02", "--log-steps", "7"])
    let run = try command.run("report", "a", "b/metrics.jsonl", "--output", "runs.html", "--json")
    #expect(run.exitCode == 0 && run.diagnostics == "")
    let object = try JSONRows(run.output).rows[0]
    #expect(object["report"] as? String == "runs.html")
    let rows = try #require(object["runs"] as? [[String: Any]])
    #expect(rows.map { $0["name"] as? String } == ["a", "b"])
    #expect(rows.map { $0["steps"] as? Int } == [30, 30])
    #expect(rows[0]["held_out_loss"] is Double && rows[1]["held_out_loss"] is NSNull)
    #expect(
      rows[0].keys.sorted() == [
        "data_wait_percent", "held_out_ece_percent", "held_out_loss", "loss",
        "lowest_held_out_loss", "name", "path", "seconds", "steps", "tokens",
        "tokens_per_second",
      ])
    let page = String(decoding: try folder.bytes("runs.html"), as: UTF8.self)
    for title in ["Held-out loss", "Training loss", "Rate", "Data wait", "Reliability of a"] {
      #expect(page.contains(title), "\(title)")
    }
    #expect(!page.contains("Reliability of b"))
  }

  @Test func printsALineForEachRun() throws {
    try samples.makeTokens()
    try makeRun("a", ["--held-out", "tokens.rfx"])
    let run = try command.run("report", "a")
    #expect(run.exitCode == 0)
    let text = run.output.withoutNumbers.replacing("# k tokens/s", with: "# tokens/s")
    #expect(
      text == """
        a       # steps, loss #, held-out #, ECE #%, # tokens/s
        report  report.html

        """)
    #expect(folder.exists("report.html"))
  }

  @Test func refusesWhatIsNoRun() throws {
    try folder.write("x/metrics.jsonl", "{}\n")
    let bad = try command.run("report", "x")
    #expect(bad.exitCode == 2)
    #expect(
      bad.diagnostics == """
        reflux: x/metrics.jsonl: line 1 is not a row of a training's metrics; fix or remove the \
        line

        """)
    let missing = try command.run("report", "none")
    #expect(missing.exitCode == 1 && missing.diagnostics.hasPrefix("reflux: none: cannot open"))
    let own = try command.run("report", "x", "--output", "x/metrics.jsonl")
    #expect(own.exitCode == 64)
    #expect(try folder.bytes("x/metrics.jsonl") == Array("{}\n".utf8))
    #expect(try command.run("report").exitCode == 64)
  }
}
