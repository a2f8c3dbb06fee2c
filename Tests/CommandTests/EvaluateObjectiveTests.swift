import Foundation
import TestSupport
import Testing

/// `reflux evaluate --objective`: losses by the book on held-out rows.
@Suite struct EvaluateObjectiveTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var command: Command { samples.command }

  private func evaluate(_ more: String...) throws -> [String: Any] {
    let base = ["evaluate", "--model", "student", "--tokens", "tokens.rfx", "--json", "--quiet"]
    return try #require(try JSONRows(samples.done(base + more)).rows.first)
  }

  private func losses(_ figures: [String: Any]) throws -> [Double] {
    let rows = try #require(figures["objectives"] as? [[String: Any]])
    return rows.compactMap { $0["loss"] as? Double }
  }

  /// On a text that is shorter than the most positions that are looked at.
  private func makeModels() throws {
    try samples.makeTokens(words: 150)
    try samples.makeTeacher()
    try samples.done(
      LearningSamples.training + [
        "--loss", "ce", "--output", "student", "--steps", "6", "--quiet",
      ])
    try samples.makeSamples()
    try samples.makeSamples("top.rfx", estimator: "topk")
  }

  @Test func valuesAreThoseOfOtherFigures() throws {
    try makeModels()
    let drawn = try evaluate("--samples", "samples.rfx", "--objective", "ce", "rskd")
    let found = try losses(drawn)
    let kl = try #require(drawn["sample_kl"] as? Double)
    let loss = try #require(drawn["lm_loss"] as? Double)
    // The last, shorter window is not looked at.
    #expect(abs(found[0] - loss) < 0.05 && abs(found[1] - kl) < 0.05, "\(drawn)")
    // Divergences of a model from itself.
    let own = try evaluate(
      "--model", "teacher", "--teacher", "teacher", "--objective", "jsd", "rkl:fkl=0.5", "tvd",
      "mse")
    #expect(try losses(own).count == 4 && losses(own).allSatisfy { abs($0) < 1e-6 }, "\(own)")
    let rows = (0..<257).map { "[\($0 % 7 + 1), \($0 % 5)]" }.joined(separator: ",")
    try samples.folder.write("table.json", "[" + rows + "]")
    let near = try evaluate("--objective", "ce", "kd-sim:table=table.json,tau=0.001")
    #expect(try losses(near).count == 2 && losses(near).allSatisfy { $0 > 0 })
    let top = try evaluate("--samples", "top.rfx", "--objective", "ghost", "jsd:beta=0.3")
    #expect(try losses(top).allSatisfy { $0 > 0 })
  }

  @Test func setsThatDoNotFitAreRefused() throws {
    try makeModels()
    let run = try command.run(
      "evaluate", "--model", "student", "--tokens", "tokens.rfx", "--samples", "samples.rfx",
      "--objective", "jsd", "--quiet")
    #expect(run.exitCode == 2)
    #expect(
      run.diagnostics.hasPrefix(
        "reflux: samples.rfx: samples of the estimator 'multinomial' do not fit the loss 'jsd'"),
      "\(run.diagnostics)")
    let wrong = try command.run(
      "evaluate", "--model", "student", "--tokens", "tokens.rfx", "--objective", "jds")
    #expect(wrong.exitCode == 64)
    #expect(wrong.diagnostics.contains("--objective: no objective 'jds'; did you mean 'jsd'?"))
  }
}
