import Foundation
import TestSupport
import Testing

/// `reflux evaluate` against figures worked out by hand.
@Suite struct LearningEvaluateTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  /// The model `uniform`: all weights zero, so that every id has the probability 1 / 257.
  private func makeUniformModel() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeModel("uniform", allWeights: 0)
  }

  /// 40 tokens: the byte "a" and the end of text by turns.
  private func makePairs() throws {
    let line = "{\"text\":\"a\"}\n"
    try folder.write("pairs.jsonl", String(repeating: line, count: 20))
    try samples.done(
      "tokenize", "pairs.jsonl", "--output", "pairs.rfx", "--tokenizer", "tokenizer.json",
      "--quiet")
  }

  @Test func uniformModelHasTheFiguresOfPaper() throws {
    try makeUniformModel()
    try makePairs()
    let output = try samples.done(
      "evaluate", "--model", "uniform", "--tokens", "pairs.rfx", "--teacher", "uniform",
      "--context", "8", "--json", "--quiet")
    let figures = try JSONRows(output)
    #expect(
      figures.keys == [
        "acceptance_percent", "calibration", "ece_percent", "lm_loss", "lm_loss_gap", "perplexity",
        "teacher_lm_loss", "tokens", "tokens_per_second", "top_one_agreement_percent",
        "top_one_percent",
      ])
    // All 39 labels, the last 7 in a shorter window: every other one is the end of text, id 0,
    // which is what a model that prefers nothing names first.
    #expect(figures.numbers("tokens") == [39])
    #expect(figures.numbers("teacher_lm_loss") == figures.numbers("lm_loss"))
    #expect(figures.numbers("lm_loss_gap") == [0])
    #expect(abs(figures.numbers("lm_loss")[0] - log(257)) < 1e-6)
    #expect(abs(figures.numbers("perplexity")[0] - 257) < 1e-3)
    #expect(abs(figures.numbers("top_one_percent")[0] - 2000.0 / 39) < 1e-9)
    #expect(abs(figures.numbers("ece_percent")[0] - (2000.0 / 39 - 100.0 / 257)) < 1e-5)
    #expect(abs(figures.numbers("acceptance_percent")[0] - 100) < 1e-4)
    #expect(figures.numbers("top_one_agreement_percent") == [100])
    let bins = try #require(figures.rows[0]["calibration"] as? [[String: Double]])
    #expect(bins.count == 1 && bins[0]["count"] == 39)
  }

  @Test func givesTheKLOfSampleSets() throws {
    try makeUniformModel()
    try Samples.makeTokens(in: folder)
    try Samples.makeSamples(in: folder)
    // Their context of 8 is taken over: two windows of the 22 tokens, and one of 5.
    let output = try samples.done(
      "evaluate", "--model", "uniform", "--tokens", "corpus.rfx", "--samples", "samples.rfx",
      "--json", "--quiet")
    let figures = try JSONRows(output)
    #expect(figures.numbers("tokens") == [21])
    let expected = 0.75 * log(0.75) + 0.25 * log(0.25) + log(257)
    #expect(abs(figures.numbers("sample_kl")[0] - expected) < 1e-5)
    // Two ids of a probability of 1 / 257 each, the same in all windows.
    let lower = figures.numbers("sample_acceptance_lower_percent")
    #expect(abs(lower[0] - 200.0 / 257) < 1e-4)
    #expect(figures.numbers("sample_acceptance_percent")[0] >= lower[0] - 1e-9)
    #expect(figures.numbers("sample_acceptance_standard_error_percent")[0] < 1e-6)
  }

  @Test func printsAlignedLines() throws {
    try makeUniformModel()
    let run = try command.run(
      "evaluate", "--model", "uniform", "--tokens", "tokens.rfx", "--limit", "100")
    #expect(run.exitCode == 0)
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(
      lines.prefix(3) == [
        "tokens             100", "lm loss            5.549",
        "perplexity         257",
      ])
    #expect(
      lines.dropFirst(3).map(\.withoutNumbers) == [
        "ece percent        #", "top one percent    #", "tokens per second  #",
      ])
    #expect(run.diagnostics.withoutNumbers.hasPrefix("evaluate: # tokens in #:#, "))
  }

  @Test func doesNotDependOnThreads() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeModel("uniform", allWeights: 0)
    let figures = try ["1", "2", "3"].map { threads in
      let output = try samples.done(
        "evaluate", "--model", "teacher", "--tokens", "tokens.rfx", "--teacher", "uniform",
        "--threads", threads, "--json", "--quiet")
      return output.firstRange(of: ",\"tokens_per_second\"").map { output[..<$0.lowerBound] }
    }
    #expect(figures[0] != nil)
    #expect(Set(figures).count == 1)
  }

  @Test func aModelOverlapsWithItselfWholly() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    let output = try samples.done(
      "evaluate", "--model", "teacher", "--tokens", "tokens.rfx", "--teacher", "teacher",
      "--json", "--quiet")
    #expect(abs(try JSONRows(output).numbers("acceptance_percent")[0] - 100) < 1e-3)
  }

  /// Several estimators and batch sizes in one run, without a sample store.
  @Test func comparesTheGradientsOfDrawnTargets() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeModel("uniform", allWeights: 0.01)
    let arguments = [
      "evaluate", "--model", "uniform", "--tokens", "tokens.rfx", "--context", "8", "--precision",
      "float32", "--quiet", "--gradients", "2,8", "--gradient-batches", "2",
    ]
    let targets = [
      "--teacher", "teacher", "--gradient-targets", "topk3,multinomial50,systematic41",
    ]
    let output = try samples.done(arguments + targets + ["--json"])
    let rows = try #require(try JSONRows(output).rows[0]["gradients"] as? [[String: Any]])
    #expect(
      rows.compactMap { $0["target"] as? String } == [
        "topk3", "topk3", "multinomial50", "multinomial50", "systematic41", "systematic41",
      ])
    #expect(rows.compactMap { $0["batch"] as? Int } == [2, 8, 2, 8, 2, 8])
    let angles = rows.compactMap { $0["angle_degrees"] as? Double }
    // Even spacing scatters less than independent draws.
    #expect(angles.count == 6 && angles[4] < angles[2])
    // The other figures are those of the windows that gradients are taken of.
    #expect(try JSONRows(output).numbers("tokens") == [2 * 8 * 8])
    let limited = try samples.done(arguments + targets + ["--limit", "24", "--json"])
    #expect(try JSONRows(limited).numbers("tokens") == [24])
    let text = try samples.done(arguments + targets)
    #expect(text.contains("gradient of systematic41, batch 8  "))
    for wrong in ["", "topk", "top3", "topk0", "topk3,topk3", "topk3,"] {
      let run = try command.run(
        arguments + ["--teacher", "teacher", "--gradient-targets", wrong])
      #expect(run.exitCode == 64)
    }
    #expect(try command.run(arguments + targets.suffix(2)).exitCode == 64)
  }

  @Test func comparesTheGradientsOfSetsAndTeacher() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try samples.makeSamples()
    try samples.makeModel("uniform", allWeights: 0.01)
    let arguments = [
      "evaluate", "--model", "uniform", "--tokens", "tokens.rfx", "--samples", "samples.rfx",
      "--precision", "float32", "--quiet", "--gradients", "1,4,16",
    ]
    let output = try samples.done(arguments + ["--teacher", "teacher", "--json"])
    let rows = try #require(try JSONRows(output).rows[0]["gradients"] as? [[String: Any]])
    #expect(rows.map { $0["batch"] as? Int } == [1, 4, 16])
    #expect(rows.map { $0["batches"] as? Int } == [64, 16, 4])
    let angles = rows.compactMap { $0["angle_degrees"] as? Double }
    #expect(angles[0] > angles[1] && angles[1] > angles[2] && angles[2] > 0)
    #expect(rows.allSatisfy { ($0["norm_ratio"] as? Double ?? 0) > 0.5 })
    let text = try samples.done(arguments + ["--teacher", "teacher", "--gradient-batches", "1"])
    #expect(text.withoutNumbers.contains("gradient of samples, batch #"))
    #expect(text.contains("(batches: 16)"))
    #expect(try command.run(arguments).exitCode == 64)
    for sizes in ["", "0", "1,,2", "x"] {
      let run = try command.run(arguments.dropLast() + [sizes, "--teacher", "teacher"])
      #expect(run.exitCode == 64)
    }
  }

  @Test func writesThePageWithTheDiagram() throws {
    try makeUniformModel()
    try samples.makeSamples()
    let output = try samples.done(
      "evaluate", "--model", "uniform", "--tokens", "tokens.rfx", "--teacher", "teacher",
      "--samples", "samples.rfx", "--gradients", "2", "--html", "page.html", "--quiet")
    let page = String(decoding: try folder.bytes("page.html"), as: UTF8.self)
    #expect(page.contains("<h1>uniform</h1>") && page.contains("Reliability of uniform"))
    // Everything that is printed, and whose figures they are.
    for line in output.split(separator: "\n") {
      let label = try #require(line.firstRange(of: "  ")).lowerBound
      #expect(page.contains(line[..<label]), "\(line)")
    }
    #expect(page.contains("teacher lm loss") && page.contains("gradient of samples, batch 2"))
    for name in ["teacher", "samples.rfx", "tokens.rfx"] { #expect(page.contains(">\(name)<")) }
    let run = try command.run(
      "evaluate", "--model", "uniform", "--tokens", "tokens.rfx", "--html", "none/page.html")
    #expect(run.exitCode == 1 && run.output == "")
  }
}
