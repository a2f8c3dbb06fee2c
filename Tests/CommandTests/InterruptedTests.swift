import Foundation
import TestSupport
import Testing

/// Signals while a verb measures, before there is anything to write.
@Suite struct InterruptedTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  /// A teacher whose few windows take seconds.
  private static let teacher = """
    {"model_type": "llama", "vocab_size": 257, "hidden_size": 512, "intermediate_size": 2048, \
    "num_hidden_layers": 6, "num_attention_heads": 8, "max_position_embeddings": 256, \
    "tie_word_embeddings": true}
    """

  @Test func dryRunsOfACaptureStop() throws {
    try samples.makeTokens(words: 4000)
    try folder.write("teacher.json", Self.teacher)
    try samples.done(
      "train", "--student", "teacher.json", "--tokens", "tokens.rfx", "--loss", "ce", "--output",
      "teacher", "--steps", "1", "--batch", "1", "--window", "8", "--precision", "float32",
      "--weight-format", "bfloat16", "--quiet")
    let run = try command.start(
      "cache", "--teacher", "teacher", "--tokens", "tokens.rfx", "--output", "samples.rfx",
      "--precision", "float32", "--threads", "1", "--dry-run")
    usleep(200_000)
    kill(run.process.processIdentifier, SIGINT)
    let outcome = try run.outcome()
    #expect(outcome.exitCode == 130)
    #expect(outcome.output == "")
    #expect(
      outcome.diagnostics.hasSuffix(
        "reflux: teacher: interrupted; nothing was written; run the same command again\n"))
    #expect(!folder.exists("samples.rfx"))
  }
}
