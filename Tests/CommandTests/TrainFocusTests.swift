import Foundation
import TestSupport
import Testing

/// `reflux train --focus`, and sets of a power or a temperature where they do not belong.
@Suite struct TrainFocusTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func training(_ more: String...) -> [String] {
    LearningSamples.training + ["--output", "out", "--steps", "4", "--quiet"] + more
  }

  @Test func aFocusIsKeptAndIsPartOfTheRun() throws {
    try samples.makeTokens()
    let run = try command.run(training("--loss", "ce", "--focus", "student-entropy:0.25", "--json"))
    #expect(run.exitCode == 0, "\(run.diagnostics)")
    let kept = String(decoding: try folder.bytes("out/run.json"), as: UTF8.self)
    #expect(kept.contains("\"focus\": \"student-entropy:0.25\""))
    let all = try command.run(training("--loss", "ce", "--json"))
    #expect(all.exitCode == 1)
    #expect(all.diagnostics.contains("focus"), "\(all.diagnostics)")
  }

  @Test(arguments: [
    (
      "student-entropy:0",
      "the share of 'student-entropy' is '0', expected a number above 0 and at most 1"
    ),
    (
      "student-entropy:1.5",
      "the share of 'student-entropy' is '1.5', expected a number above 0 and at most 1"
    ),
    (
      "student-entropy",
      "the share of 'student-entropy' is '', expected a number above 0 and at most 1"
    ),
    ("student-entropi:0.2", "no focus 'student-entropi'; did you mean 'student-entropy'?"),
    ("loss:0.2", "no focus 'loss'; there is: student-entropy"),
  ])
  func saysWhatIsWrongWithAFocus(focus: String, message: String) throws {
    let run = try command.run(training("--loss", "ce", "--focus", focus))
    #expect(run.exitCode == 64)
    #expect(run.diagnostics.contains("--focus: " + message), "\(run.diagnostics)")
  }

  private func cache(_ name: String, _ more: String...) throws {
    try samples.done(
      [
        "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", name, "--context",
        "8", "--precision", "float32", "--quiet",
      ] + more)
  }

  @Test func figuresOfTemperedSetsAreRefused() throws {
    try samples.makeTokens(words: 150)
    try samples.makeTeacher()
    try cache("power.rfx", "--tau", "0.5", "--uncorrected")
    try cache("warm.rfx", "--temperature", "2")
    let base = ["evaluate", "--model", "teacher", "--tokens", "tokens.rfx", "--quiet"]
    for (store, what) in [
      ("power.rfx", "draws from p^0.5, not corrected back to p"),
      ("warm.rfx", "of the teacher at temperature 2"),
    ] {
      let run = try command.run(base + ["--samples", store])
      let message =
        "\(store): the sets are \(what); KL and acceptance need those of p at temperature 1"
      #expect(run == .init(diagnostics: "reflux: \(message)\n", exitCode: 2))
    }
    // A loss that learns from them is computed all the same, alone.
    let run = try command.run(base + ["--samples", "power.rfx", "--objective", "ttm", "--json"])
    #expect(run.exitCode == 0, "\(run.diagnostics)")
    let row = try JSONRows(run.output).rows[0]
    #expect(row["sample_kl"] == nil || row["sample_kl"] is NSNull)
    #expect(run.diagnostics.contains("power.rfx"))
  }

  @Test func otherDistributionsAreNoBlend() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try cache("plain.rfx")
    try cache("power.rfx", "--tau", "0.5", "--uncorrected")
    try samples.done("recompress", "tokens.rfx", "--output", "again.rfx", "--quiet")
    try folder.write(
      "mix.json",
      """
      {"sources": [{"tokens": "tokens.rfx", "samples": "plain.rfx", "weight": 0.5},
       {"tokens": "again.rfx", "samples": "power.rfx", "weight": 0.5}]}
      """)
    var arguments = training("--loss", "rskd")
    if let place = arguments.firstIndex(of: "--tokens") {
      arguments.replaceSubrange(place...place + 1, with: ["--mix", "mix.json"])
    }
    let run = try command.run(arguments)
    #expect(run.exitCode == 2)
    for word in ["tokens.rfx (p, ", "again.rfx (p^0.5, not corrected, ", "a run learns from one"] {
      #expect(run.diagnostics.contains(word), "\(run.diagnostics)")
    }
  }
}
