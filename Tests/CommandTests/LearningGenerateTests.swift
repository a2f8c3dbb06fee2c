import Foundation
import TestSupport
import Testing

/// `reflux generate` from a tiny model.
@Suite struct LearningGenerateTests {
  let samples = LearningSamples(folder: TemporaryFolder())
  var folder: TemporaryFolder { samples.folder }
  var command: Command { samples.command }

  private func generate(_ more: String...) -> [String] {
    ["generate", "--model", "model", "--prompt", "to b", "--precision", "float32"] + more
  }

  /// A model that has seen `text.txt` often enough to copy its letters.
  private func makeModel() throws {
    try samples.makeTokens()
    try samples.done(
      LearningSamples.training + [
        "--loss", "ce", "--output", "model", "--steps", "150", "--learning-rate", "0.02",
      ])
  }

  @Test func continuesThePrompt() throws {
    try makeModel()
    let run = try command.run(generate("--count", "5"))
    #expect(run.exitCode == 0)
    #expect(run.diagnostics == "")
    #expect(run.output.hasPrefix("to b") && run.output.hasSuffix("\n"))
    #expect(run.output.count > 5)
  }

  /// What the post-processor puts before a text goes before the prompt: here the letter t.
  @Test func startsAsThePostProcessorSays() throws {
    try makeModel()
    let path = folder.file("model/tokenizer.json")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let place = try #require(text.firstRange(of: "\"t\": "))
    let id = try #require(Int(text[place.upperBound...].prefix(while: \.isNumber)))
    func answer(_ prompt: String, _ more: String...) throws -> Substring {
      try samples.done(
        [
          "generate", "--model", "model", "--prompt", prompt, "--count", "5", "--precision",
          "float32",
        ]
          + more
      ).dropFirst(prompt.count)
    }
    let expected = try answer("to b")
    let processor = #"{"type": "BertProcessing", "cls": ["t", \#(id)], "sep": ["t", \#(id)]}"#
    try folder.write(
      "model/tokenizer.json",
      text.replacingOccurrences(
        of: #""post_processor": null"#, with: "\"post_processor\": " + processor))
    #expect(try answer("o b") == expected)
    #expect(try answer("to b", "--bos", "none") == expected)
    let unknown = try command.run(generate("--bos", "<no>"))
    #expect(unknown.exitCode == 64)
    #expect(unknown.diagnostics.contains("has no token '<no>'; --bos takes a token"))
  }

  @Test func printsTheKeysOfTheContract() throws {
    try makeModel()
    let facts = try JSONRows(samples.done(generate("--count", "5", "--json")))
    #expect(facts.keys == ["text", "tokens"])
    #expect(facts.numbers("tokens") == [5])
    let text = try #require(facts.rows[0]["text"] as? String)
    #expect(try samples.done(generate("--count", "5")) == text + "\n")
  }

  @Test func dependsOnTheSeedOnly() throws {
    try makeModel()
    let texts = try ["1", "1", "2", "3", "4"].map {
      try samples.done(generate("--count", "8", "--temperature", "1", "--seed", $0))
    }
    #expect(texts[0] == texts[1])
    #expect(Set(texts).count > 2)
    #expect(
      try samples.done(
        generate("--count", "8", "--temperature", "1", "--seed", "1", "--threads", "1"))
        == texts[0])
    let greedy = try ["1", "2"].map {
      try samples.done(generate("--count", "8", "--temperature", "0", "--seed", $0))
    }
    #expect(greedy[0] == greedy[1])
    #expect(
      try samples.done(generate("--count", "8", "--temperature", "5", "--top-k", "1"))
        == greedy[0])
  }

  @Test func filtersLeaveTheLikelyTokens() throws {
    try makeModel()
    let greedy = try samples.done(generate("--count", "8", "--temperature", "0"))
    for filter in [["--top-p", "0.01"], ["--min-p", "1"], ["--top-k", "1"]] {
      let arguments = generate("--count", "8", "--temperature", "5") + filter
      #expect(try samples.done(arguments) == greedy, "\(filter)")
    }
    let open = try samples.done(generate("--count", "8", "--temperature", "5"))
    #expect(open != greedy)
    for option in ["--top-p=0", "--top-p=1.5", "--min-p=-0.1", "--min-p=2", "--draft-length=0"] {
      #expect(try command.run(generate(option)).exitCode == 64, "\(option)")
    }
  }

  @Test func aDraftChangesNothingButTheAcceptance() throws {
    try makeModel()
    try samples.done(
      LearningSamples.training + [
        "--loss", "ce", "--output", "small", "--steps", "20", "--learning-rate", "0.02", "--seed",
        "9",
      ])
    let greedy = try samples.done(generate("--count", "11", "--temperature", "0"))
    for length in ["1", "4", "30"] {
      let run = try command.run(
        generate(
          "--count", "11", "--temperature", "0", "--draft", "small", "--draft-length", length))
      #expect(run.exitCode == 0 && run.output == greedy)
      #expect(run.diagnostics.contains("tokens of the draft that it judged"))
    }
    let facts = try JSONRows(
      samples.done(generate("--count", "11", "--draft", "model", "--json")))
    #expect(
      facts.keys == ["acceptance_percent", "accepted_tokens", "judged_tokens", "text", "tokens"])
    // A draft like the model is taken, but for rounding.
    #expect(try #require(facts.numbers("acceptance_percent").first) > 80)
    #expect(try #require(facts.numbers("judged_tokens").first) > 4)
  }

  @Test func refusesADraftOfAnotherVocabulary() throws {
    try makeModel()
    try folder.write(
      "other.json", LearningSamples.configuration.replacing("257", with: "250"))
    try FileManager.default.createDirectory(
      atPath: folder.file("other"), withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      atPath: folder.file("other.json"), toPath: folder.file("other/config.json"))
    try FileManager.default.copyItem(
      atPath: folder.file("model/model.safetensors"),
      toPath: folder.file("other/model.safetensors"))
    let run = try command.run(generate("--draft", "other"))
    #expect(
      run
        == .init(
          diagnostics: "reflux: other: the draft has 250 ids, the model 257; use a draft with the"
            + " model's tokenizer and vocab_size\n", exitCode: 2))
  }

  @Test func saysWhatThePositionsHadNoRoomFor() throws {
    try makeModel()
    let long = try command.run(
      "generate", "--model", "model", "--prompt", "to be or not to be", "--count", "40",
      "--temperature", "0")
    #expect(long.exitCode == 0)
    #expect(
      long.diagnostics == """
        reflux: the prompt has 18 tokens, the model read the last 8: it has 16 positions
        reflux: stopped after 9 tokens: the 16 positions are full

        """)
  }

  @Test func needsATokenizer() throws {
    try makeModel()
    try FileManager.default.removeItem(atPath: folder.file("model/tokenizer.json"))
    let run = try command.run(generate())
    let line = "reflux: model: has no tokenizer.json; add the one that made its tokens\n"
    #expect(run == .init(diagnostics: line, exitCode: 1))
  }

  @Test func refusesADamagedOrLargerTokenizer() throws {
    try makeModel()
    try folder.write("model/tokenizer.json", "{}")
    #expect(
      try command.run(generate())
        == .init(
          diagnostics: "reflux: model/tokenizer.json: tokenizer has no 'model'; expected the"
            + " tokenizer.json of a byte-level BPE\n", exitCode: 2))
    try samples.done(
      "tokenize", "text.txt", "--output", "larger.rfx", "--train-tokenizer", "260",
      "--tokenizer-output", "model/tokenizer.json", "--force", "--quiet")
    #expect(
      try command.run(generate())
        == .init(
          diagnostics: "reflux: model/tokenizer.json: has 260 ids, the model 257; use the one it"
            + " was trained with\n", exitCode: 2))
  }
}
