import Foundation
import TestSupport
import Testing

/// What `reflux train` is told about updates, memory and the mix with the label.
@Suite struct TrainOptimizerTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func training(_ output: String, _ more: [String]) -> [String] {
    LearningSamples.training + [
      "--loss", "rskd", "--samples", "samples.rfx", "--output", output, "--steps", "4",
      "--optimizer", "muon", "--alpha", "1", "--alpha-end", "0.25", "--json", "--quiet",
    ] + more
  }

  @Test func muonWithRecomputationAndAMovingMix() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples(estimator: "multinomial")
    let kept = try JSONRows(samples.done(training("kept", [])))
    #expect(kept.numbers("alpha") == [1, 0.75, 0.5, 0.25])
    let recomputed = try JSONRows(samples.done(training("recomputed", ["--recompute"])))
    for key in ["loss", "gradient_norm", "alpha"] {
      #expect(recomputed.numbers(key) == kept.numbers(key))
    }
    #expect(
      try folder.bytes("kept/model.safetensors") == folder.bytes("recomputed/model.safetensors"))
    // The log has the mix, too.
    let log = try String(decoding: folder.bytes("kept/metrics.jsonl"), as: UTF8.self)
    #expect(try JSONRows(log).numbers("alpha") == [1, 0.75, 0.5, 0.25])

    let plain = try JSONRows(samples.done(training("plain", ["--optimizer", "adamw"])))
    #expect(plain.numbers("loss")[0] == kept.numbers("loss")[0])
    #expect(plain.numbers("loss")[3] != kept.numbers("loss")[3])
  }

  @Test func goesOnWithItsOwnOptimizerOnly() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples(estimator: "multinomial")
    _ = try samples.done(training("student", []))
    let other = try command.run(training("student", ["--optimizer", "adamw"]))
    #expect(other.exitCode == 1)
    #expect(
      other.diagnostics.hasPrefix(
        "reflux: student/checkpoint.safetensors: belongs to another run (optimizer muon, here"
          + " adamw); choose another output folder"))
  }

  @Test(arguments: [["--alpha-end", "1.5"], ["--optimizer", "sgd"]])
  func impossibleValuesAreUsageErrors(arguments: [String]) throws {
    #expect(try command.run(training("student", arguments)).exitCode == 64)
  }
}
