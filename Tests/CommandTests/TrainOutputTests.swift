import Foundation
import TestSupport
import Testing

/// What `reflux train` says to people, before and after its steps.
@Suite struct TrainOutputTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func training(_ output: String, _ more: String...) -> [String] {
    LearningSamples.training + ["--loss", "ce", "--output", output, "--threads", "2"] + more
  }

  /// A head, a line at the start, one at the end and every few seconds between, and the next
  /// command.
  @Test func saysWhatItTrainsAndWhereItIs() throws {
    try samples.makeTokens()
    let run = try command.run(training("student", "--steps", "100"))
    #expect(run.exitCode == 0)
    let line = "loss #  lr #  grad norm #  # tokens/s  data wait #%"
    var text = run.output.withoutNumbers.replacing("# k tokens", with: "# tokens")
    text = text.replacing("# kB", with: "# MB")
    let lines = text.split(separator: "\n").map(String.init)
    #expect(
      lines.prefix(7) == [
        "student     student.json: llama, # parameters",
        "loss        ce: cross-entropy with the label; from labels",
        "steps       # of # windows of # tokens", "tokens      #",
        "tokens.rfx  # epochs of # tokens", "precision   float#, # threads",
        "memory      about # MB",
      ])
    #expect(lines.dropFirst(7).dropLast().allSatisfy { $0 == "step #/#  " + line })
    // Not one for each of the hundred steps.
    #expect((9...40).contains(lines.count))
    #expect(
      lines.last
        == "student holds the model; next: reflux evaluate --model student --tokens HELD-OUT")
    #expect(run.output.contains("\nstep 100/100  loss "))
  }

  /// The loss of draws stands beside one that compares with others.
  @Test func divergencesFromDrawsComeWithCrossEntropies() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples()
    let draws = ["--loss", "rskd", "--samples", "samples.rfx", "--steps", "3"]
    let run = try command.run(training("student") + draws)
    #expect(run.output.contains(#/step 3\/3  loss [\d.]+ \(cross-entropy [\d.]+\)  lr /#))
    let rows = try JSONRows(
      String(decoding: folder.bytes("student/metrics.jsonl"), as: UTF8.self))
    let (loss, cross, own) = (
      rows.numbers("loss"), rows.numbers("cross_entropy"), rows.numbers("set_entropy")
    )
    #expect(cross.count == 3)
    for step in 0..<3 { #expect(abs(loss[step] + own[step] - cross[step]) < 1e-9) }
    // Random weights know nothing of 257 ids.
    #expect(abs(cross[0] - 5.549) < 0.1)
  }

  @Test func dryRunsSayWhatARunNeedsAndWriteNothing() throws {
    try samples.makeTokens()
    let more = [
      "--steps", "50", "--held-out", "tokens.rfx", "--evaluate-every", "20", "--evaluate-tokens",
      "80", "--dry-run", "--json",
    ]
    let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    let facts = try JSONRows(samples.done(training("student") + more))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == before)
    #expect(facts.numbers("parameters") == [6_720])
    #expect(facts.numbers("steps") == [50] && facts.numbers("tokens") == [1600])
    let parts = ["weights", "moments", "checkpoint", "batch", "evaluation", "feed"]
    let sum = parts.reduce(0) { $0 + facts.numbers($1 + "_bytes")[0] }
    #expect(facts.numbers("memory_bytes") == [sum])
    #expect(facts.numbers("checkpoint_bytes") == [3 * 4 * 6_720])
    let (step, all, held) = (
      facts.numbers("seconds_per_step")[0], facts.numbers("seconds")[0],
      facts.numbers("evaluation_seconds")[0]
    )
    #expect(step > 0 && held > 0 && abs(50 * step + held - all) < 1e-6 * all)
    // Whatever stands in the folder stays, and the run itself is not affected.
    try samples.done(training("student", "--steps", "2", "--quiet"))
    let model = try folder.bytes("student/model.safetensors")
    try samples.done(training("student", "--steps", "2", "--dry-run"))
    #expect(try folder.bytes("student/model.safetensors") == model)
  }

  @Test func startsFromAnotherRunsCheckpoint() throws {
    try samples.makeTokens()
    try samples.done(training("first", "--steps", "20", "--quiet"))
    let source = ["--from-checkpoint", "first/checkpoint.safetensors", "--json", "--quiet"]
    let second = training("second", "--steps", "10") + source
    let rows = try JSONRows(samples.done(second))
    let fresh = try JSONRows(samples.done(training("fresh", "--steps", "10", "--json", "--quiet")))
    #expect(rows.numbers("step").count == 10)
    #expect(rows.numbers("loss")[0] < fresh.numbers("loss")[0] - 0.5)
    #expect(try command.run(second).diagnostics == "reflux: all 10 steps are done\n")
    let model = try command.run(
      training("third", "--steps", "10", "--from-checkpoint", "first/model.safetensors"))
    #expect(model.exitCode == 2)
    #expect(
      model.diagnostics
        == "reflux: first/model.safetensors: cannot be started from: its metadata names no run,"
        + " step and position; name a checkpoint of the same model and optimizer\n")
  }

  /// More steps, and a decay from here on.
  @Test func lengthensARunWhoseRateIsAtItsPeak() throws {
    try samples.makeTokens()
    let stable = [
      "--warmup-steps", "2", "--decay-steps", "4", "--checkpoint-steps", "10",
      "--keep-checkpoints", "9", "--json", "--quiet",
    ]
    try samples.done(training("long", "--steps", "30") + stable)
    try samples.done(training("whole", "--steps", "14") + stable)
    try FileManager.default.createDirectory(
      atPath: folder.file("cut"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: folder.file("long/checkpoint-10.safetensors"),
      toPath: folder.file("cut/checkpoint.safetensors"))
    let rest = try command.run(training("cut", "--steps", "14") + stable)
    #expect(rest.diagnostics == "reflux: resuming from the checkpoint of step 10\n")
    #expect(
      try folder.bytes("cut/model.safetensors") == folder.bytes("whole/model.safetensors"))
  }
}
