import Foundation
import TestSupport
import Testing

/// `reflux train` on a tiny model.
@Suite struct LearningTrainTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  /// What decides a step, bit for bit.
  private func course(_ output: String) throws -> [Int: [Double]] {
    let rows = try JSONRows(output).rows
    return Dictionary(
      rows.map { row in
        let keys = ["loss", "gradient_norm", "learning_rate", "tokens"]
        return (row["step"] as? Int ?? -1, keys.compactMap { row[$0] as? Double })
      }, uniquingKeysWith: { $1 })
  }

  @Test func writesAModelInSilence() throws {
    try samples.makeTokens()
    let run = try command.run(
      LearningSamples.training + [
        "--loss", "ce", "--output", "student", "--steps", "4", "--log-steps", "2", "--quiet",
      ])
    #expect(run == .init())
    let log = String(decoding: try folder.bytes("student/metrics.jsonl"), as: UTF8.self)
    #expect(try JSONRows(log).numbers("step") == [2, 4])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.file("student")).sorted()
        == [
          "checkpoint.safetensors", "config.json", "events.out.tfevents.0.reflux",
          "generation_config.json", "metrics.jsonl", "model.safetensors", "run.json",
          "tokenizer.json", "tokenizer_config.json",
        ])
    #expect(try folder.bytes("student/tokenizer.json") == folder.bytes("tokenizer.json"))
  }

  @Test func printsTheKeysOfTheContract() throws {
    try samples.makeTokens()
    let output = try samples.done(
      LearningSamples.training + [
        "--loss", "ce", "--output", "student", "--steps", "3", "--json", "--quiet",
      ])
    let rows = try JSONRows(output)
    #expect(
      rows.keys == [
        "data_wait_percent", "gradient_norm", "learning_rate", "loss", "seconds", "step",
        "tokens", "tokens_per_second",
      ])
    #expect(rows.numbers("step") == [1, 2, 3])
    #expect(rows.numbers("tokens") == [32, 64, 96])
    // Random weights know nothing: ln 257 = 5.549.
    #expect(abs(rows.numbers("loss")[0] - 5.549) < 0.1)
    #expect(rows.numbers("tokens_per_second").allSatisfy { $0 > 0 })
    #expect(rows.numbers("data_wait_percent").allSatisfy { (0...100).contains($0) })
    // No warm-up in three steps; half a cosine from 0.003 down to a tenth of it.
    let rates = rows.numbers("learning_rate")
    #expect(abs(rates[0] - 0.002325) < 1e-9 && abs(rates[2] - 0.0003) < 1e-12)
  }

  @Test func showsProgressOnStandardErrorOnly() throws {
    try samples.makeTokens()
    let run = try command.run(
      LearningSamples.training + ["--loss", "ce", "--output", "student", "--steps", "2"])
    #expect(run.exitCode == 0)
    let text = run.diagnostics.withoutNumbers.replacing("# k tokens/s", with: "# tokens/s")
    #expect(text == "train: # tokens in #:#, # tokens/s, loss #, data wait #%\n")
  }

  @Test(arguments: ["rskd", "topk", "fullkd"])
  func learnsFromATeacher(loss: String) throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    var source = ["--teacher", "teacher"]
    if loss != "fullkd" {
      try samples.makeSamples(estimator: loss == "topk" ? "topk" : "multinomial")
      source = ["--samples", "samples.rfx"]
    }
    let output = try samples.done(
      LearningSamples.training + source + [
        "--loss", loss, "--output", "student", "--steps", "40", "--learning-rate", "0.01",
        "--json", "--quiet",
      ])
    let losses = try JSONRows(output).numbers("loss")
    #expect(losses.count == 40)
    // A forward KL that falls; never below nothing for whole distributions.
    #expect(losses[39] < losses[0])
    #expect(losses.allSatisfy { $0.isFinite && (loss == "topk" || $0 > 0) })
  }

  @Test func takesEpochsAndTheSamplesContext() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples()
    let tokens = try JSONRows(samples.done("inspect", "tokens.rfx", "--json")).numbers("records")[0]
    let output = try samples.done(
      "train", "--student", "student.json", "--tokens", "tokens.rfx", "--samples", "samples.rfx",
      "--loss", "rskd", "--output", "student", "--epochs", "1", "--batch", "4", "--json", "--quiet")
    // Windows of 8 tokens, as the samples were made with.
    #expect(try JSONRows(output).rows.count == (Int(tokens) - 1) / 8 / 4)
  }

  @Test func windowsFitTheModelByDefault() throws {
    try samples.makeTokens()
    let output = try samples.done(
      "train", "--student", "student.json", "--tokens", "tokens.rfx", "--loss", "ce", "--output",
      "student", "--steps", "1", "--batch", "2", "--json", "--quiet")
    #expect(try JSONRows(output).numbers("tokens") == [32])
  }

  @Test(arguments: ["float32", "bfloat16"])
  func givesTheSameBitsWithAnyNumberOfThreads(precision: String) throws {
    try samples.makeTokens()
    let outputs = try ["1", "2", "3"].map { threads in
      try samples.done(
        LearningSamples.training + [
          "--loss", "ce", "--output", "student" + threads, "--steps", "20", "--threads", threads,
          "--precision", precision, "--json", "--quiet",
        ])
    }
    let expected = try course(outputs[0])
    #expect(expected.count == 20)
    let model = try folder.bytes("student1/model.safetensors")
    for (threads, output) in zip(["2", "3"], outputs.dropFirst()) {
      #expect(try course(output) == expected)
      #expect(try folder.bytes("student" + threads + "/model.safetensors") == model)
    }
  }

  /// Stopped by Ctrl-C it writes a checkpoint, killed it has its last one; either way the same
  /// command ends with the bits of a run that never stopped.
  @Test(arguments: [SIGINT, SIGKILL], ["ce", "rskd", "fullkd"])
  func goesOnWithTheBitsOfARunThatNeverStopped(number: Int32, loss: String) throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples()
    let targets = [
      "rskd": ["--samples", "samples.rfx"], "fullkd": ["--teacher", "teacher"],
    ]
    let training =
      LearningSamples.training + (targets[loss] ?? [])
      + ["--loss", loss, "--steps", "1500", "--json", "--quiet"]
    let whole = try course(samples.done(training + ["--output", "whole"]))
    #expect(whole.count == 1500)

    // A checkpoint at every step makes it slow enough to be stopped.
    let run = try command.start(training + ["--output", "cut", "--checkpoint-steps", "1"])
    try waitFor("a checkpoint") { folder.exists("cut/checkpoint.safetensors") }
    kill(run.process.processIdentifier, number)
    let stopped = try run.outcome()
    #expect(!folder.exists("cut/model.safetensors"))
    if number == SIGINT {
      #expect(stopped.exitCode == 130)
      #expect(
        stopped.diagnostics.withoutNumbers == """

          reflux: stopping at a safe place; press Ctrl-C again to stop at once
          reflux: cut: interrupted; step # is in checkpoint.safetensors; \
          run the same command again to resume

          """)
    }

    let rest = try command.run(training + ["--output", "cut", "--threads", "1"])
    #expect(rest.exitCode == 0)
    #expect(
      rest.diagnostics.withoutNumbers == "reflux: resuming from the checkpoint of step #\n")
    // What a killed run was writing last may be cut; the rest repeats it.
    let lines = stopped.output.split(separator: "\n").filter { $0.hasSuffix("}") }
    let (before, after) = (
      try course(lines.joined(separator: "\n")), try course(rest.output)
    )
    #expect(!after.isEmpty && after.count < 1500)
    for (step, figures) in before { #expect(whole[step] == figures, "step \(step)") }
    #expect(before.merging(after) { $1 } == whole)
    #expect(
      try folder.bytes("cut/model.safetensors") == folder.bytes("whole/model.safetensors"))
  }

  @Test func saysWhenAllIsDone() throws {
    try samples.makeTokens()
    let training = LearningSamples.training + ["--loss", "ce", "--output", "student", "--steps"]
    try samples.done(training + ["2"])
    let model = try folder.bytes("student/model.safetensors")
    let again = try command.run(training + ["2"])
    #expect(
      again
        == .init(
          "student holds the model; next: reflux evaluate --model student --tokens HELD-OUT\n",
          diagnostics: "reflux: all 2 steps are done\n"))
    #expect(try folder.bytes("student/model.safetensors") == model)
  }

  @Test func trainsAModelFurtherAndKeepsItsTokenizer() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let output = try samples.done(
      "train", "--student", "teacher", "--tokens", "tokens.rfx", "--loss", "ce", "--output",
      "student", "--steps", "1", "--batch", "4", "--window", "8", "--json", "--quiet")
    #expect(try JSONRows(output).numbers("loss")[0] < 5.5)
    #expect(try folder.bytes("student/tokenizer.json") == folder.bytes("tokenizer.json"))
  }
}
