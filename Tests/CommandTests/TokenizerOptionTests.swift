import Foundation
import TestSupport
import Testing

/// The options of `tokenize` that say what stands around and within a text.
@Suite struct TokenizerOptionTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  /// `model/` with a tokenizer of 257 tokens, other members set.
  private func makeModel(_ members: [String: Any]) throws {
    try folder.write("a.txt", "to be")
    let run = try command.run(
      "tokenize", "a.txt", "--output", "a.rfx", "--train-tokenizer", "257", "--quiet")
    #expect(run.exitCode == 0)
    let json = try Data(contentsOf: URL(fileURLWithPath: folder.file("tokenizer.json")))
    var root = try #require(JSONSerialization.jsonObject(with: json) as? [String: Any])
    for (key, value) in members { root[key] = value }
    try folder.write(
      "model/tokenizer.json",
      String(decoding: JSONSerialization.data(withJSONObject: root), as: UTF8.self))
  }

  private func token(_ id: Int, _ content: String, isSpecial: Bool) -> [String: Any] {
    [
      "id": id, "content": content, "special": isSpecial, "single_word": false, "lstrip": false,
      "rstrip": false, "normalized": false,
    ]
  }

  private var added: [[String: Any]] {
    [
      token(0, "<|endoftext|>", isSpecial: true), token(257, "<bos>", isSpecial: true),
      token(258, "<think>", isSpecial: false), token(259, "<end>", isSpecial: true),
    ]
  }

  private var startsWithBOS: [String: Any] {
    [
      "type": "TemplateProcessing",
      "single": [
        ["SpecialToken": ["id": "<bos>", "type_id": 0]], ["Sequence": ["id": "A", "type_id": 0]],
      ], "pair": [],
      "special_tokens": ["<bos>": ["id": "<bos>", "ids": [257], "tokens": ["<bos>"]]],
    ]
  }

  private func tokenize(_ more: String...) throws -> (ids: [Int], run: Command.Outcome) {
    let run = try command.run(
      [
        "tokenize", "b.jsonl", "--output", "b.rfx", "--tokenizer", "model", "--force", "--quiet",
        "--json",
      ]
        + more)
    guard run.exitCode == 0 else { return ([], run) }
    let lines = try command.run("cat", "b.rfx").output.split(separator: "\n")
    let ids = try lines.map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Int]
      return try #require(object?["token"])
    }
    return (ids, run)
  }

  private func write(_ texts: String...) throws {
    try folder.write("b.jsonl", texts.map { "{\"text\":\"\($0)\"}\n" }.joined())
  }

  @Test func addedTokensStandForThemselves() throws {
    try makeModel(["added_tokens": added])
    try write("<think>", "<end><bos>", "<end>")
    let plain = try tokenize()
    #expect(plain.ids.filter { $0 > 256 } == [258])
    #expect(plain.run.output.contains(#""documents_with_special_text":2"#))
    #expect(plain.run.diagnostics.contains("2 documents hold the text of a special token"))
    let parsed = try tokenize("--parse-special")
    #expect(parsed.ids == [258, 0, 259, 257, 0, 259, 0])
    #expect(parsed.run.diagnostics == "")
  }

  @Test func postProcessorsStartEachDocument() throws {
    try makeModel(["added_tokens": added, "post_processor": startsWithBOS])
    try write("<think>", "<think><think>")
    let own = try tokenize()
    #expect(own.ids == [257, 258, 0, 257, 258, 258, 0])
    #expect(own.run.diagnostics.contains("each document starts with '<bos>' (257)"))
    #expect(try tokenize("--bos", "none").ids == [258, 0, 258, 258, 0])
    #expect(try tokenize("--bos", "<end>").ids == [259, 258, 0, 259, 258, 258, 0])
    #expect(try tokenize("--bos", "259").ids == [259, 258, 0, 259, 258, 258, 0])
    let wrong = try tokenize("--bos", "<what>").run
    #expect(wrong.exitCode == 64)
    #expect(wrong.diagnostics.contains("has no token '<what>'; --bos takes a token"))
  }

  @Test func theEndOfTextIsNamedOrBesideTheTokenizer() throws {
    try makeModel(["added_tokens": added])
    try write("<think>")
    #expect(try tokenize("--end-of-text", "<end>").ids == [258, 259])
    #expect(try tokenize("--end-of-text", "257").ids == [258, 257])
    try folder.write("model/tokenizer_config.json", #"{"eos_token": {"content": "<end>"}}"#)
    #expect(try tokenize().ids == [258, 259])
    try folder.write("model/tokenizer_config.json", "\u{FEFF}{\"eos_token\": \"<bos>\"}")
    #expect(try tokenize().ids == [258, 257])
    try folder.write("model/tokenizer_config.json", #"{"eos_token": "<no>"}"#)
    #expect(try tokenize().run.diagnostics.contains("has no token '<no>'"))
    #expect(try tokenize("--end-of-text", "0").ids == [258, 0])
  }

  @Test func foldersGiveThePaddedVocabulary() throws {
    try makeModel(["added_tokens": added])
    try write("<think>")
    try folder.write("model/config.json", #"{"vocab_size": 320}"#)
    #expect(try tokenize().run.output.contains(#""vocabulary_size":320"#))
    #expect(try tokenize("--vocabulary", "300").run.output.contains(#""vocabulary_size":300"#))
    try folder.write("model/config.json", #"{"vocab_size": 259}"#)
    let small = try tokenize().run
    #expect(small.exitCode == 64)
    #expect(small.diagnostics.contains("config.json, 259 is below the tokenizer's 260 ids"))
  }

  /// A document of more than the size of a piece has one start, and the ids of its parts.
  @Test func longDocumentsStartOnce() throws {
    try makeModel(["added_tokens": added, "post_processor": startsWithBOS])
    let text = String(repeating: "to be <think> or not\n", count: 110_000)
    try folder.write("long.txt", text)
    let run = try command.run(
      "tokenize", "long.txt", "--output", "long.rfx", "--tokenizer", "model/tokenizer.json",
      "--quiet", "--json")
    let tokens = 110_000 * (text.utf8.count / 110_000 - 6) + 2
    #expect(run.output.contains(#""tokens":\#(tokens),"documents":1"#))
  }
}
