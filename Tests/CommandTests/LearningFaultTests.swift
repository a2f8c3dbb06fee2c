import Foundation
import TestSupport
import Testing

/// Training that goes wrong: one line, the right exit code, and nothing lost that was written.
@Suite struct LearningFaultTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func training(_ output: String, steps: Int = 600) -> [String] {
    LearningSamples.training + [
      "--loss", "ce", "--output", output, "--steps", "\(steps)", "--log-steps", "100000", "--quiet",
    ]
  }

  /// A training into `cut` that was stopped at its first steps; its checkpoint.
  private func stopTraining() throws -> [UInt8] {
    let run = try command.start(training("cut") + ["--checkpoint-steps", "1"])
    try waitFor("a checkpoint") { folder.exists("cut/checkpoint.safetensors") }
    kill(run.process.processIdentifier, SIGINT)
    #expect(try run.outcome().exitCode == 130)
    return try folder.bytes("cut/checkpoint.safetensors")
  }

  /// What a run leaves that did not come to its model.
  private let left = [
    "checkpoint.safetensors", "events.out.tfevents.0.reflux", "metrics.jsonl", "run.json",
  ]

  private func names(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.file(name)).sorted()
  }

  // MARK: Full disk

  @Test func keepsTheCheckpointWhenTheDiskIsFull() throws {
    try samples.makeTokens()
    let checkpoint = try stopTraining()
    // 40 blocks of 512 bytes: less than a checkpoint takes.
    #expect(checkpoint.count > 40 * 1024)
    let line = (training("cut") + ["--checkpoint-steps", "1"]).joined(separator: " ")
    let full = try command.shell("ulimit -f 40; \"$reflux\" \(line)")
    #expect(full.exitCode == 1)
    #expect(
      full.diagnostics.hasSuffix(
        """
        reflux: cut/checkpoint.safetensors: cannot write: File too large; free some space and run \
        the same command again

        """))
    #expect(try folder.bytes("cut/checkpoint.safetensors") == checkpoint)
    #expect(try names("cut") == left, "no partial file takes room")

    try samples.done(training("cut"))
    try samples.done(training("whole"))
    #expect(
      try folder.bytes("cut/model.safetensors") == folder.bytes("whole/model.safetensors"))
  }

  @Test func keepsTheCheckpointWhenTheModelCannotBeWritten() throws {
    try samples.makeTokens()
    try samples.done(training("cut", steps: 3))
    let model = try folder.bytes("cut/model.safetensors")
    try FileManager.default.removeItem(atPath: folder.file("cut/model.safetensors"))
    // The checkpoint is not written again, and the model is larger than this.
    let full = try command.shell(
      "ulimit -f 40; \"$reflux\" \(training("cut", steps: 3).joined(separator: " "))")
    #expect(full.exitCode == 1)
    #expect(
      full.diagnostics == """
        reflux: all 3 steps are done
        reflux: cut/model.safetensors: cannot write: File too large; free some space and run the \
        same command again

        """)
    try samples.done(training("cut", steps: 3))
    #expect(try folder.bytes("cut/model.safetensors") == model)
  }

  // MARK: Losses that are no numbers

  /// Each step multiplies the weights by -999 until they overflow.
  private var diverging: [String] {
    training("cut") + [
      "--learning-rate", "100", "--weight-decay", "10", "--clip-norm", "0", "--warmup-steps", "0",
      "--floor-share", "1", "--checkpoint-steps", "1",
    ]
  }

  @Test func stopsWhenTheLossIsNoNumber() throws {
    try samples.makeTokens()
    let run = try command.run(diverging)
    #expect(run.exitCode == 1)
    #expect(run.output == "")
    let line = run.diagnostics
    #expect(line.hasPrefix("reflux: cut: the ") && line.split(separator: "\n").count == 1)
    #expect(line.contains(" is not a number at step "))
    #expect(
      line.hasSuffix(
        "; lower the learning rate and start again, or leave them out (the checkpoint"
          + " cut/checkpoint.safetensors is intact) ('reflux explain-step' shows their records;"
          + " --skip)\n"))
    #expect(try names("cut") == left)

    // It can be loaded: the run resumes from it, to the same end.
    let checkpoint = try folder.bytes("cut/checkpoint.safetensors")
    let again = try command.run(diverging)
    #expect(again.exitCode == 1)
    let lines = again.diagnostics.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("reflux: resuming from the checkpoint of step "))
    #expect(lines[1] + "\n" == line)
    #expect(try folder.bytes("cut/checkpoint.safetensors") == checkpoint)
  }

  @Test(arguments: [Float.nan, .infinity])
  func refusesAModelThatDiverged(value: Float) throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeModel("bad", allWeights: value)
    let line =
      "reflux: bad/model.safetensors: element 0 of tensor 'model.embed_tokens.weight' is \(value),"
      + " expected a finite number; use a model whose training did not diverge\n"
    let verbs = [
      ["evaluate", "--model", "bad", "--tokens", "tokens.rfx"],
      ["evaluate", "--model", "teacher", "--teacher", "bad", "--tokens", "tokens.rfx"],
      ["generate", "--model", "bad", "--prompt", "to be"],
      ["cache", "--teacher", "bad", "--tokens", "tokens.rfx", "--output", "out.rfx"],
      [
        "train", "--student", "bad", "--tokens", "tokens.rfx", "--loss", "ce", "--output", "out",
        "--steps", "1",
      ],
      [
        "train", "--student", "teacher", "--teacher", "bad", "--tokens", "tokens.rfx", "--loss",
        "fullkd", "--output", "out", "--steps", "1",
      ],
    ]
    for verb in verbs {
      #expect(try command.run(verb) == .init(diagnostics: line, exitCode: 2), "\(verb)")
    }
    #expect(!folder.exists("out") && !folder.exists("out.rfx"))
  }

  /// Weights that are numbers but make logits that are none.
  @Test func refusesLogitsThatAreNoNumbers() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeModel("huge", allWeights: 1e10)
    let model = try command.run("evaluate", "--model", "huge", "--tokens", "tokens.rfx")
    #expect(
      model
        == .init(
          diagnostics: "reflux: huge: the logits at position 0 are not finite; check the model's"
            + " weights\n", exitCode: 2))
    let teacher = try command.run(
      "cache", "--teacher", "huge", "--tokens", "tokens.rfx", "--output", "out.rfx")
    #expect(teacher.exitCode == 1)
    #expect(teacher.diagnostics.contains("check the teacher's weights"))
    #expect(!folder.exists("out.rfx"))
  }

  // MARK: Checkpoints

  @Test func refusesACheckpointOfAnotherRun() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.done(training("cut", steps: 2))
    let checkpoint = try folder.bytes("cut/checkpoint.safetensors")
    let two = training("cut", steps: 2)
    // Only what differs is named.
    let others = [
      (training("cut", steps: 3), "steps 2, here 3"),
      (two + ["--seed", "1"], "seed 0, here 1"),
      (two + ["--precision", "bfloat16"], "precision float32, here bfloat16"),
      (two + ["--batch", "2", "--accumulate", "2"], "batch 4, here 2; accumulation 1, here 2"),
      // The same sizes from other weights.
      (two + ["--student", "teacher"], "weights at the start #, here #"),
    ]
    for (other, difference) in others {
      let run = try command.run(other)
      #expect(run.exitCode == 1)
      #expect(run.output == "")
      let hidden = run.diagnostics.replacing(#/[0-9a-f]{16}/#, with: "#")
      #expect(
        hidden
          == "reflux: cut/checkpoint.safetensors: belongs to another run (\(difference)); choose"
          + " another output folder, where it can start from this one's weights and moments"
          + " (--from-checkpoint)\n")
    }
    #expect(try folder.bytes("cut/checkpoint.safetensors") == checkpoint)
  }

  @Test func refusesADamagedCheckpoint() throws {
    try samples.makeTokens()
    try samples.done(training("cut", steps: 2))
    let bytes = try folder.bytes("cut/checkpoint.safetensors")
    var flipped = bytes
    flipped[bytes.count - 7] ^= 0x10
    let damages: [([UInt8], String)] = [
      ([], "cut short in the header: expected 9 bytes, found 0"),
      (
        Array(bytes.dropLast()),
        "cut short in the tensors' data: expected \(bytes.count) bytes, found \(bytes.count - 1)"
      ),
      (flipped, "its values do not match their hash"),
      (try folder.bytes("cut/model.safetensors"), "its metadata names no run, step and position"),
    ]
    for (content, found) in damages {
      try folder.write("cut/checkpoint.safetensors", content)
      let run = try command.run(training("cut", steps: 2))
      #expect(
        run
          == .init(
            diagnostics: "reflux: cut/checkpoint.safetensors: not a usable checkpoint: \(found);"
              + " delete it to start again\n", exitCode: 2))
      #expect(try folder.bytes("cut/checkpoint.safetensors") == content)
    }
  }

  @Test func resumeNeedsACheckpoint() throws {
    try samples.makeTokens()
    let run = try command.run(training("fresh", steps: 2) + ["--resume"])
    #expect(
      run
        == .init(
          diagnostics:
            "reflux: fresh/checkpoint.safetensors: there is no checkpoint to resume from;"
            + " leave out --resume to start\n", exitCode: 1))
    #expect(!folder.exists("fresh"))
    try samples.done(training("fresh", steps: 2))
    let again = try command.run(training("fresh", steps: 2) + ["--resume"])
    #expect(again.exitCode == 0 && again.diagnostics.contains("all 2 steps are done"))
  }
}
