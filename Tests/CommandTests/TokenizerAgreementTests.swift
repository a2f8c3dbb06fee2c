import Foundation
import TestSupport
import Testing

/// Wherever a model meets a store: ids of another tokenizer of the same size are refused, the same
/// tokenizer in other bytes is taken, and what cannot be compared is said.
@Suite struct TokenizerAgreementTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private static let other = "the quick brown fox jumps over the lazy dog and so on "

  /// `tokens.rfx` and `teacher` of one tokenizer, `other.rfx` and `other/tokenizer.json` of another
  /// of the same size.
  private func makeBoth() throws {
    try folder.write("text.txt", LearningSamples.text(words: 400, seed: 1))
    try folder.write("other.txt", String(repeating: Self.other, count: 40))
    try folder.write("student.json", LearningSamples.configuration.replacing("257", with: "260"))
    try samples.done(
      "tokenize", "text.txt", "--output", "tokens.rfx", "--train-tokenizer", "260", "--quiet")
    try folder.write("other/placeholder", "")
    try samples.done(
      "tokenize", "other.txt", "--output", "other.rfx", "--train-tokenizer", "260",
      "--tokenizer-output", "other/tokenizer.json", "--quiet")
    try samples.makeTeacher()
  }

  private func hash(_ store: String) throws -> String {
    let facts = try JSONRows(samples.done("inspect", store, "--json"))
    return String((facts.rows[0]["tokenizer_hash"] as? String ?? "").prefix(8))
  }

  private func expectRefusal(
    _ arguments: [String], of owner: String, found: String, expected: String,
    location: SourceLocation = #_sourceLocation
  ) throws {
    let run = try command.run(arguments)
    let line =
      "reflux: \(owner): its tokenizer (\(found)) is not that of the other ids (\(expected)): equal"
      + " ids mean other texts; tokenize the text with the model's tokenizer.json, or name what"
      + " belongs together\n"
    #expect(run == .init(diagnostics: line, exitCode: 2), sourceLocation: location)
    #expect(!folder.exists("out"), sourceLocation: location)
  }

  private func training(_ student: String, _ tokens: String, _ more: String...) -> [String] {
    [
      "train", "--student", student, "--tokens", tokens, "--window", "8", "--batch", "4",
      "--output", "out", "--steps", "1", "--quiet",
    ] + more
  }

  @Test func otherTokenizersOfTheSameSizeAreRefused() throws {
    try makeBoth()
    let (own, other) = (try hash("tokens.rfx"), try hash("other.rfx"))
    let (teacher, store) = ("teacher/tokenizer.json, \(own)", "other.rfx, \(other)")
    let model = ["--tokens", "other.rfx", "--quiet"]
    try expectRefusal(
      ["cache", "--teacher", "teacher", "--output", "out"] + model, of: "teacher", found: teacher,
      expected: store)
    try expectRefusal(
      ["evaluate", "--model", "teacher"] + model, of: "teacher", found: teacher, expected: store)
    try expectRefusal(
      training("teacher", "other.rfx", "--loss", "ce"), of: "teacher", found: teacher,
      expected: store)
    try expectRefusal(
      training("student.json", "other.rfx", "--loss", "fullkd", "--teacher", "teacher"),
      of: "teacher", found: teacher, expected: store)
    try expectRefusal(
      training("student.json", "tokens.rfx", "--loss", "ce", "--held-out", "other.rfx"),
      of: "other.rfx", found: store, expected: "tokens.rfx, \(own)")
    try folder.write(
      "mix.json", #"{"sources": [{"tokens": "tokens.rfx"}, {"tokens": "other.rfx"}]}"#)
    try expectRefusal(
      ["plan", "--mix", "mix.json", "--window", "8"], of: "other.rfx", found: store,
      expected: "tokens.rfx, \(own)")
    try samples.copyTeacher(to: "draft")
    try folder.write("draft/tokenizer.json", folder.bytes("other/tokenizer.json"))
    try expectRefusal(
      ["generate", "--model", "teacher", "--draft", "draft", "--prompt", "a"], of: "draft",
      found: "draft/tokenizer.json, \(other)", expected: teacher)
  }

  @Test func aNamedTokenizerReplacesTheStudents() throws {
    try makeBoth()
    let run = try command.run(
      training("teacher", "other.rfx", "--loss", "ce", "--tokenizer", "other"))
    let (own, name) = (try hash("tokens.rfx"), "teacher/tokenizer.json")
    #expect(
      run.diagnostics
        == "reflux: teacher: its tokenizer (\(name), \(own)) is replaced by other\n")
    #expect(run.exitCode == 0)
    #expect(try folder.bytes("out/tokenizer.json") == folder.bytes("other/tokenizer.json"))
  }

  /// Another post-processor and another token for padding, as `transformers` saves them.
  @Test func theSameTokenizerInOtherBytesIsTaken() throws {
    try makeBoth()
    let text = String(decoding: try folder.bytes("teacher/tokenizer.json"), as: UTF8.self)
    let changed = text.replacing("\"trim_offsets\": true", with: "\"trim_offsets\": false")
      .replacing("\"<|endoftext|>\"", with: "\"<end of it>\"").replacing("  ", with: "\t")
    #expect(changed != text)
    try folder.write("teacher/tokenizer.json", changed)
    let run = try command.run("evaluate", "--model", "teacher", "--tokens", "tokens.rfx", "--quiet")
    #expect(run.exitCode == 0)
    #expect(run.diagnostics == "")
  }

  @Test func whatCannotBeComparedIsSaid() throws {
    try makeBoth()
    let evaluate = ["evaluate", "--model", "teacher", "--quiet", "--tokens"]
    try samples.done("export", "npy", "tokens.rfx", "--output", "ids.npy")
    try samples.done("import", "npy", "ids.npy", "--output", "ids.rfx", "--vocabulary", "260")
    let (own, imported) = (try hash("tokens.rfx"), try command.run(evaluate + ["ids.rfx"]))
    #expect(imported.exitCode == 0)
    #expect(
      imported.diagnostics
        == "reflux: ids.rfx: its header names no tokenizer; its ids are taken for those of"
        + " teacher/tokenizer.json, \(own)\n")
    try FileManager.default.removeItem(atPath: folder.file("teacher/tokenizer.json"))
    #expect(
      try command.run(evaluate + ["tokens.rfx"]).diagnostics
        == "reflux: teacher: has no tokenizer.json; its ids are taken for those of tokens.rfx,"
        + " \(own)\n")
    #expect(
      try command.run(evaluate + ["ids.rfx"]).diagnostics
        == "reflux: no tokenizer is known: equal ids are taken for equal texts\n")
    try folder.write("teacher/tokenizer.json", #"{"model": {"type": "Unigram"}}"#)
    let unread = try command.run(evaluate + ["tokens.rfx"])
    #expect(unread.exitCode == 0)
    #expect(
      unread.diagnostics.hasPrefix("reflux: teacher: its tokenizer.json cannot be compared ("))
  }

  /// Stores of before the fingerprint hold the XXH64 of the tokenizer.json that Reflux writes.
  @Test func hashesOfOlderStoresAreTaken() throws {
    try samples.makeTokens()
    try samples.makeTeacher()
    var store = StoreForge(try folder.bytes("tokens.rfx"))
    // XXH64 of the tokenizer.json of 257 ids, by Formats/Store/reference.py.
    store.set(0x6bf8_ee09_cfaf_8d76, at: 56, width: 8)
    store.fixHeader()
    try folder.write("old.rfx", store.bytes)
    let run = try command.run(
      training("teacher", "old.rfx", "--loss", "ce", "--held-out", "tokens.rfx"))
    #expect(run.exitCode == 0)
    #expect(run.diagnostics == "")
    // Neither side is a model: the tokenizer.json beside the stores knows both hashes.
    try FileManager.default.removeItem(atPath: folder.file("out"))
    let fresh = try command.run(
      training("student.json", "old.rfx", "--loss", "ce", "--held-out", "tokens.rfx"))
    #expect(fresh.exitCode == 0)
    #expect(fresh.diagnostics == "")
  }
}
