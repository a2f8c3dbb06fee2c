import Foundation
import TestSupport
import Testing

/// A real run, killed again and again.
@Suite struct KilledTrainTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private var loggedSteps: Int {
    let text = try? String(contentsOfFile: folder.file("cut/metrics.jsonl"), encoding: .utf8)
    return (text ?? "").split(separator: "\n").count
  }

  /// Twenty times killed after some steps or in the middle of a checkpoint, it loses no more than
  /// the steps since the last one, and ends with the bits of a run that never stopped.
  @Test func twentyKillsChangeNoBit() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples()
    let training =
      LearningSamples.training + [
        "--loss", "rskd", "--samples", "samples.rfx", "--steps", "6000", "--quiet",
      ]
    try samples.done(training + ["--output", "whole"])
    var random = TestRandom(seed: 20)
    var kills = 0
    while kills < 20 {
      let before = loggedSteps
      let target = before + 1 + Int(random.next() % 50)
      let run = try command.start(
        training + ["--output", "cut", "--checkpoint-steps", "3", "--keep-checkpoints", "2"])
      try waitFor("step \(target)") { loggedSteps >= target || !run.process.isRunning }
      #expect(run.process.isRunning, "6,000 steps are enough for twenty kills")
      kill(run.process.processIdentifier, SIGKILL)
      _ = try run.outcome()
      kills += 1
    }
    let rest = try command.run(training + ["--output", "cut"])
    #expect(rest.exitCode == 0)
    #expect(
      try folder.bytes("cut/model.safetensors") == folder.bytes("whole/model.safetensors"))
    #expect(loggedSteps == 6000)
  }
}
