import Foundation
import TestSupport
import Testing

/// What `reflux train` leaves beside the model, and evaluation on the way.
@Suite struct LearningWatchTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private let training = LearningSamples.training + ["--loss", "ce", "--quiet", "--json"]

  private func metrics(_ run: String) throws -> JSONRows {
    try JSONRows(String(decoding: folder.bytes(run + "/metrics.jsonl"), as: UTF8.self))
  }

  /// The last whole row's step, 0 without one.
  private func lastStep(_ run: String) throws -> Int {
    let text = String(decoding: try folder.bytes(run + "/metrics.jsonl"), as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    return try JSONRows(lines.suffix(1).joined()).rows.last?["step"] as? Int ?? 0
  }

  /// The bytes of the event file but for the times: frames of length, checksum, event, checksum.
  private func events(_ path: String) throws -> [[UInt8]] {
    let file = try folder.bytes(path + "/events.out.tfevents.0.reflux")
    var (records, start) = ([[UInt8]](), 0)
    while start < file.count {
      let length = file[start..<start + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      records.append(Array(file[start + 12 + 9..<start + 12 + length]))
      start += length + 16
    }
    #expect(start == file.count)
    return records
  }

  @Test func linesAreThoseOfStandardOutput() throws {
    try samples.makeTokens()
    try samples.makeOtherTokens()
    let output = try samples.done(
      training + [
        "--output", "run", "--steps", "6", "--held-out", "other.rfx", "--evaluate-every", "3",
        "--evaluate-tokens", "64", "--log-steps", "2", "--tensorboard", "board",
      ])
    let lines = try folder.bytes("run/metrics.jsonl")
    #expect(Array(output.utf8) == lines)
    let rows = try metrics("run")
    #expect(rows.numbers("step") == [2, 3, 4, 6])
    #expect(rows.numbers("held_out_tokens") == [64, 64])
    #expect(rows.numbers("held_out_loss").allSatisfy { abs($0 - 5.5) < 0.3 })
    #expect(
      rows.rows[1].keys.filter { $0.hasPrefix("held_out") }.sorted() == [
        "held_out_calibration", "held_out_ece_percent", "held_out_loss", "held_out_tokens",
        "held_out_top_one_percent",
      ])
    #expect(try events("board/run").count == 5)
    #expect(!folder.exists("run/events.out.tfevents.0.reflux"))
    #expect(
      try samples.done(
        "evaluate", "--model", "run", "--tokens", "other.rfx", "--limit", "64", "--context", "8",
        "--precision", "float32", "--json", "--quiet"
      ).contains(
        "\"lm_loss\":\(rows.numbers("held_out_loss")[1]),"))
  }

  @Test func heldOutTokensChangeNoBit() throws {
    try samples.makeTokens()
    try samples.makeOtherTokens()
    let steps = ["--steps", "12", "--output"]
    try samples.done(training + steps + ["plain"])
    try samples.done(
      training + steps + ["watched", "--held-out", "other.rfx", "--evaluate-every", "1"])
    for name in ["model.safetensors", "checkpoint.safetensors"] {
      #expect(try folder.bytes("plain/" + name) == folder.bytes("watched/" + name), "\(name)")
    }
  }

  @Test func showsWhatItWaitsForAndTheHeldOutLoss() throws {
    try samples.makeTokens()
    let run = try command.run(
      LearningSamples.training + [
        "--loss", "ce", "--output", "run", "--steps", "2", "--held-out", "tokens.rfx",
      ])
    #expect(run.exitCode == 0)
    let text = run.diagnostics.withoutNumbers.replacing("# k tokens/s", with: "# tokens/s")
    #expect(
      text == "train: # tokens in #:#, # tokens/s, loss #, data wait #%, held-out #\n")
  }

  /// Killed at any moment and started again, both files are those of a run that never stopped.
  @Test func killedRunsLeaveNoGapsAndNoDuplicates() throws {
    try samples.makeTokens()
    try samples.makeOtherTokens()
    let training =
      training + [
        "--steps", "1200", "--held-out", "other.rfx", "--evaluate-every", "50",
        "--evaluate-tokens", "64", "--checkpoint-steps", "7", "--output",
      ]
    try samples.done(training + ["whole"])
    for step in [20, 300, 700] {
      let run = try command.start(training + ["cut"])
      try waitFor("row \(step)") {
        try folder.exists("cut/metrics.jsonl") && lastStep("cut") >= step
      }
      kill(run.process.processIdentifier, SIGKILL)
      _ = try run.outcome()
    }
    try samples.done(training + ["cut"])
    let (cut, whole) = (try metrics("cut"), try metrics("whole"))
    #expect(cut.numbers("step") == (1...1200).map(Double.init))
    for key in ["tokens", "loss", "gradient_norm", "learning_rate", "held_out_loss"] {
      #expect(cut.numbers(key) == whole.numbers(key), "\(key)")
    }
    #expect(cut.numbers("held_out_loss").count == 24)
    let seconds = cut.numbers("seconds")
    #expect(seconds == seconds.sorted())
    let (cutEvents, wholeEvents) = (try events("cut"), try events("whole"))
    #expect(cutEvents.map(\.count) == wholeEvents.map(\.count))
    #expect(cutEvents.count == 1201)
  }

  @Test func refusesWhatCannotBeEvaluatedBeforeTheFirstStep() throws {
    try samples.makeTokens()
    let run = try command.run(
      training + ["--output", "run", "--steps", "2", "--held-out", "missing.rfx"])
    #expect(run.exitCode == 1)
    #expect(run.diagnostics.hasPrefix("reflux: missing.rfx: cannot open:"))
    let heldOut = ["--held-out", "tokens.rfx"]
    for arguments in [
      heldOut + ["--evaluate-every", "0"], heldOut + ["--evaluate-tokens", "0"],
      ["--evaluate-every", "5"], ["--evaluate-tokens", "5"],
    ] {
      let run = try command.run(training + ["--output", "run", "--steps", "2"] + arguments)
      #expect(run.exitCode == 64)
    }
    #expect(!folder.exists("run"))
  }
}
