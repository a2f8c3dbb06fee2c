import Foundation
import TestSupport
import Testing

/// `reflux tokenize` on small text.
@Suite struct TokenizeTests {
  let folder = TemporaryFolder()
  var command: Command { Command(folder: folder) }

  private func ids(_ store: String) throws -> [Int] {
    let lines = try command.run("cat", store).output.split(separator: "\n")
    return try lines.map { line in
      let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Int]
      return try #require(object?["token"])
    }
  }

  @Test func writesAStoreAndItsTokenizer() throws {
    try folder.write("a.txt", "to be\n")
    let run = try command.run(
      "tokenize", "a.txt", "--output", "a.rfx", "--train-tokenizer", "257", "--quiet")
    #expect(run.exitCode == 0)
    #expect(run.diagnostics == "")
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(
      lines.dropLast(2) == [
        "output                    a.rfx",
        "tokenizer                 tokenizer.json",
        "tokens                    7",
        "documents                 1",
        "vocabulary size           257",
        "bytes                     6",
        "bytes per token           0.8571",
        "binary files passed over  0",
      ])
    #expect(try folder.names() == ["a.rfx", "a.txt", "tokenizer.json"])
  }

  @Test func printsTheKeysOfTheContract() throws {
    try folder.write("a.txt", "to be\n")
    let run = try command.run(
      "tokenize", "a.txt", "--output", "a.rfx", "--train-tokenizer", "257", "--json", "--quiet")
    #expect(
      run.output.hasPrefix(
        #"{"output":"a.rfx","tokenizer":"tokenizer.json","tokens":7,"documents":1,"#
          + #""vocabulary_size":257,"bytes":6,"bytes_per_token":"#))
    let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any]
    #expect(try #require(object?["tokens_per_second"] as? Double) > 0)
    #expect((object?["fingerprint"] as? String)?.count == 16)
    #expect(run.output.filter { $0 == "\n" }.count == 1)
  }

  /// A store for models whose tables have more rows than the tokenizer has ids.
  @Test func takesThePaddedSizeOfItsModels() throws {
    try folder.write("a.txt", "to be\n")
    func tokenize(_ vocabulary: String) throws -> Command.Outcome {
      try command.run(
        "tokenize", "a.txt", "--output", "a.rfx", "--train-tokenizer", "257", "--vocabulary",
        vocabulary, "--quiet", "--json")
    }
    #expect(try tokenize("320").output.contains(#""vocabulary_size":320"#))
    let facts = try command.run("inspect", "a.rfx", "--json").output
    #expect(facts.contains(#""vocabulary_size":320"#))
    #expect(facts.contains(#""known_vocabulary":257"#))
    let refused = try tokenize("256")
    #expect(refused.exitCode == 64)
    #expect(refused.diagnostics.contains("below the tokenizer's 257 ids"))
  }

  @Test func endsEveryDocumentWithEndOfText() throws {
    try Samples.makeTokens(in: folder)
    let ids = try ids("corpus.rfx")
    #expect(ids.count == 22)
    #expect(ids.indices.filter { ids[$0] == 0 } == [6, 14, 21])
    #expect(Array(ids[0...6]) == Array(ids[15...21]))
  }

  @Test func takesFoldersInOrderWithoutHiddenEmptyAndBinaryFiles() throws {
    try folder.write("in/b.txt", "b")
    try folder.write("in/a/z.md", "a")
    try folder.write("in/c", "c")
    try folder.write("in/.hidden", "hidden")
    try folder.write("in/.git/x", "hidden")
    try folder.write("in/empty.txt", "")
    try folder.write("in/image.png", [0x89, 0x50, 0x00, 0x01])
    let lines = [#"{"text":"a"}"#, "", #"{"x":[{}],"text":"b"}\#r"#, #"{"text":"c"}"#]
    try folder.write("abc.jsonl", lines.joined(separator: "\n"))
    let arguments = ["--train-tokenizer", "257", "--quiet", "--json"]
    let run = try command.run(["tokenize", "in/", "--output", "in/x.rfx"] + arguments)
    #expect(run.exitCode == 0)
    #expect(run.output.contains(#""tokens":6,"documents":3,"#))
    #expect(run.output.contains(#""binary_files_passed_over":1,"#))
    _ = try command.run(["tokenize", "abc.jsonl", "--output", "y.rfx"] + arguments)
    #expect(try ids("in/x.rfx") == ids("y.rfx"))
    let again = try command.run(["tokenize", "in/", "--output", "in/x.rfx"] + arguments)
    #expect(again.output.contains(#""tokens":6,"documents":3,"#), "the output is no input")
  }

  @Test func takesABinaryFileThatIsNamed() throws {
    try folder.write("data", [0, 255, 0, 7])
    let run = try command.run(
      "tokenize", "data", "--output", "x.rfx", "--train-tokenizer", "257", "--quiet", "--json")
    #expect(run.output.contains(#""tokens":5,"documents":1,"#))
  }

  @Test func readsTheNamedField() throws {
    try folder.write("a.ndjson", "{\"text\":1,\"body\":\"\\u00e9\\n\"}\n")
    let run = try command.run(
      "tokenize", "a.ndjson", "--field", "body", "--output", "x.rfx", "--train-tokenizer", "257",
      "--quiet", "--json")
    #expect(run.output.contains(#""tokens":4,"documents":1,"#))
  }

  @Test func usesATokenizerThatIsThere() throws {
    try Samples.makeTokens(in: folder)
    let run = try command.run(
      "tokenize", "text", "--output", "again.rfx", "--tokenizer", "tokenizer.json", "--quiet")
    #expect(run.exitCode == 0)
    #expect(try ids("again.rfx") == ids("corpus.rfx"))
    #expect(!run.output.contains("tokenizer  "))
  }

  /// Some MiB of words and line breaks, so that the work is cut into several pieces.
  private func longText() -> String {
    var random = TestRandom(seed: 11)
    let words = ["alpha", "be ", "\n\n  ", "c\n", "it's", "42", "\u{E9}\n", "\n\t", "."]
    var text = ""
    while text.utf8.count < 3 << 20 { text += words[Int(random.next() % UInt64(words.count))] }
    return text
  }

  @Test func writesTheSameStoreWithAnyNumberOfThreads() throws {
    let text = longText()
    try folder.write("in/long.txt", text)
    for size in 0..<20 { try folder.write("in/s\(size).txt", String(text.prefix(1000 * size + 1))) }
    try folder.write("train.txt", String(text.prefix(100_000)))
    _ = try command.run(
      "tokenize", "train.txt", "--output", "t.rfx", "--train-tokenizer", "400", "--quiet")
    let prints = try ["1", "2", "7"].map { threads in
      let run = try command.run(
        "tokenize", "in", "--output", "x\(threads).rfx", "--tokenizer", "tokenizer.json",
        "--threads", threads, "--quiet", "--json")
      #expect(run.exitCode == 0)
      return run.output.components(after: "\"fingerprint\":").prefix(18)
    }
    #expect(prints[0].count == 18)
    #expect(Set(prints).count == 1)
  }
}
