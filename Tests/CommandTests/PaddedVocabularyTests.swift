import Foundation
import TestSupport
import Testing

/// One tokenizer, tables padded to different sizes: taken on every road as long as nothing but
/// padding lies beyond the smaller one.
@Suite struct PaddedVocabularyTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  /// `tokens.rfx` and `wide.rfx`: the same tokens of 257 ids, for tables of 257 and of 300 rows;
  /// `teacher` of 257 rows and `wide` of 300.
  private func make() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    try folder.write("wide.json", LearningSamples.configuration.replacing("257", with: "300"))
    try samples.done(
      "tokenize", "text.txt", "--output", "wide.rfx", "--tokenizer", "tokenizer.json",
      "--vocabulary", "300", "--quiet")
    let run = try train("wide.json", "tokens.rfx", to: "wide")
    #expect(
      run.diagnostics
        == "reflux: wide.json: ids 257 to 299 of its table are padding: the tokens have 257 ids\n")
  }

  @discardableResult
  private func train(
    _ student: String, _ tokens: String, to output: String, _ more: String...
  ) throws -> Command.Outcome {
    let run = try command.run(
      [
        "train", "--student", student, "--tokens", tokens, "--loss", "ce", "--window", "8",
        "--batch", "4", "--output", output, "--steps", "2", "--precision", "float32", "--quiet",
      ] + more)
    #expect(run.exitCode == 0, "\(run.diagnostics)")
    return run
  }

  private func evaluate(_ more: String...) throws -> [String: Any] {
    try JSONRows(
      samples.done(["evaluate", "--precision", "float32", "--json", "--quiet"] + more)
    ).rows[0]
  }

  @Test func aTeacherOfMoreRowsDrawsNothingFromThem() throws {
    try make()
    let cache = ["cache", "--rounds", "40", "--context", "8", "--quiet", "--teacher"]
    let run = try command.run(cache + ["wide", "--tokens", "tokens.rfx", "--output", "s.rfx"])
    #expect(
      run.diagnostics
        == "reflux: wide: ids 257 to 299 of its table are padding: the tokens have 257 ids\n")
    let sets = try samples.done("cat", "s.rfx", "--records", "0..<300")
    #expect(try largest(sets) < 257)
    try train("student.json", "tokens.rfx", to: "a", "--loss", "rskd", "--samples", "s.rfx")
    // For tables of 300 rows the teacher's whole distribution is drawn from.
    try samples.done(cache + ["wide", "--tokens", "wide.rfx", "--output", "w.rfx"])
    let wide = try largest(samples.done("cat", "w.rfx", "--records", "0..<300"))
    #expect(wide >= 257)
    try train("wide.json", "wide.rfx", to: "b", "--loss", "rskd", "--samples", "w.rfx")
    let refused = try command.run(
      "train", "--student", "student.json", "--tokens", "wide.rfx", "--samples", "w.rfx",
      "--loss", "rskd", "--output", "c", "--steps", "1", "--window", "8", "--quiet")
    #expect(refused.exitCode == 2)
    #expect(
      refused.diagnostics.hasSuffix(
        "reflux: w.rfx: id \(try largestOfStore("w.rfx")) is stored, the model has 257 ids: only"
          + " padding may lie beyond them; use a model with a row for every token\n"))
    #expect(!folder.exists("c"))
    let verified = try command.run("verify", "w.rfx", "--against", "tokens.rfx", "--quiet")
    #expect(verified.exitCode == 0)
    #expect(
      verified.diagnostics
        == "reflux: w.rfx: has 300 ids, the tokens 257: those from 257 on are padding, yet sets"
        + " hold ids up to \(try largestOfStore("w.rfx"))\n")
  }

  @Test func aTeacherOfFewerRowsServesAWiderStore() throws {
    try make()
    let run = try command.run(
      "cache", "--teacher", "teacher", "--tokens", "wide.rfx", "--output", "s.rfx", "--context",
      "8", "--rounds", "6", "--quiet")
    #expect(run.exitCode == 0)
    #expect(
      run.diagnostics
        == "reflux: teacher: ids 257 to 299 are padding of the tokens' vocabulary, for which its"
        + " table has no rows\n")
    let verified = try command.run("verify", "s.rfx", "--against", "tokens.rfx", "--quiet")
    #expect(verified.diagnostics.hasSuffix("are padding, and no set holds one\n"))
    try train("student.json", "wide.rfx", to: "a", "--loss", "rskd", "--samples", "s.rfx")
    let diff = try command.run("diff", "tokens.rfx", "wide.rfx", "--quiet")
    #expect(diff.exitCode == 0)
    #expect(
      diff.diagnostics
        == "reflux: wide.rfx: the stores differ in padding: no record holds an id from 257 to 299\n"
    )
  }

  /// The model's softmax is its own, whatever the store has room for.
  @Test func theStoresRoomChangesNoFigure() throws {
    try make()
    for model in ["teacher", "wide"] {
      let losses = try ["tokens.rfx", "wide.rfx"].map {
        try evaluate("--model", model, "--tokens", $0)["lm_loss"] as? Double
      }
      #expect(losses[0] != nil && losses[0] == losses[1])
    }
  }

  @Test func denseTeachersMayBePaddedOtherwise() throws {
    try make()
    for (student, teacher) in [("student.json", "wide"), ("wide.json", "teacher")] {
      let run = try train(
        student, "tokens.rfx", to: "x" + teacher, "--loss", "fullkd", "--teacher", teacher,
        "--json")
      let losses = try JSONRows(run.output).numbers("loss")
      #expect(losses.count == 2 && losses.allSatisfy { $0.isFinite && $0 > 0 && $0 < 6 })
    }
    for (model, teacher) in [("teacher", "wide"), ("wide", "teacher")] {
      let facts = try evaluate("--model", model, "--teacher", teacher, "--tokens", "tokens.rfx")
      let acceptance = try #require(facts["acceptance_percent"] as? Double)
      #expect(acceptance > 0 && acceptance < 100)
    }
  }

  private func largest(_ lines: String) throws -> Int {
    try JSONRows(lines).rows.flatMap { $0["ids"] as? [Int] ?? [] }.max() ?? -1
  }

  private func largestOfStore(_ name: String) throws -> Int {
    let facts = try JSONRows(samples.done("inspect", name, "--json")).rows[0]
    let records = facts["records"] as? Int ?? 0
    return try largest(samples.done("cat", name, "--records", "0..<\(records)"))
  }
}
