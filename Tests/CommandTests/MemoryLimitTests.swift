import Foundation
import TestSupport
import Testing

/// Verbs that run models under a limit of the system: one line and 1, before any work.
@Suite struct MemoryLimitTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func limited(_ arguments: [String], kilobytes: Int = 700_000) throws -> Command.Outcome {
    let words = arguments.map { "'\($0)'" }.joined(separator: " ")
    return try command.shell("ulimit -v \(kilobytes); \"$reflux\" \(words)")
  }

  /// A model of many positions and ids, whose batches are large.
  private func makeModel() throws {
    try samples.makeTokens()
    try folder.write(
      "large.json",
      LearningSamples.configuration.replacing(
        "\"max_position_embeddings\": 16", with: "\"max_position_embeddings\": 131072"
      ).replacing("\"hidden_size\": 16", with: "\"hidden_size\": 64"))
    try samples.done(
      "train", "--student", "large.json", "--tokens", "tokens.rfx", "--window", "8", "--batch", "1",
      "--precision", "float32", "--loss", "ce", "--output", "large", "--steps", "1", "--quiet")
  }

  #if os(Linux)
    @Test func evaluationsCapturesAndTextsSayWhatTheyNeed() throws {
      try makeModel()
      let base = ["--precision", "float32", "--threads", "2"]
      let window = ["--tokens", "tokens.rfx", "--context", "65536", "--quiet"]
      let runs = [
        ("evaluation", ["evaluate", "--model", "large"] + window, "--context"),
        (
          "capture", ["cache", "--teacher", "large", "--output", "s.rfx"] + window, "--context"
        ),
        (
          "text",
          ["generate", "--model", "large", "--prompt", "to be", "--count", "131000"], "--count"
        ),
      ]
      for (what, arguments, option) in runs {
        let run = try limited(arguments + base)
        #expect(run.exitCode == 1, "\(arguments): \(run.diagnostics)")
        #expect(run.output == "")
        let hidden = run.diagnostics.withoutNumbers.replacing("GB", with: "MB")
        #expect(
          hidden.hasPrefix(
            "reflux: large: the \(what) needs about # MB of address space, 'ulimit' leaves # MB;"
              + " lower \(option)"), "\(run.diagnostics)")
        #expect(run.diagnostics.split(separator: "\n").count == 1)
      }
      #expect(!folder.exists("s.rfx") && !folder.exists("s.rfx.partial"))
    }

    /// With options that the same run fits with.
    @Test func trainingsSayWhatWouldFit() throws {
      try samples.makeTokens(words: 40_000)
      let training = [
        "train", "--student", "student.json", "--tokens", "tokens.rfx", "--window", "16",
        "--precision", "float32", "--threads", "2", "--loss", "ce", "--output", "out", "--steps",
        "1", "--quiet",
      ]
      let whole = training + ["--batch", "8192"]
      let run = try limited(whole, kilobytes: 1_050_000)
      #expect(run.exitCode == 1)
      #expect(run.diagnostics.hasPrefix("reflux: student.json: this run needs about "))
      #expect(run.diagnostics.split(separator: "\n").count == 1)
      #expect(!folder.exists("out"))
      let advice = try #require(run.diagnostics.firstMatch(of: #/; with (--.*) it fits\n/#)?.1)
      let options = advice.split(separator: " ").map(String.init)
      #expect(options.contains("--batch") && options.contains("--accumulate"))
      let other = try limited(training + options, kilobytes: 1_050_000)
      #expect(other.exitCode == 0, "\(options): \(other.diagnostics)")
      let dry = try limited(whole + ["--dry-run"], kilobytes: 1_050_000)
      #expect(dry.exitCode == 1 && dry.output.contains("\nmemory"))
    }
  #endif
}
