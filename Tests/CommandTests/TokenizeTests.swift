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
        vocabulary, "--quiet", "--json", "--force")
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
    // A store is never read as text; a tokenizer is.
    let over = try command.run(["tokenize", "in/", "--output", "in/x.rfx", "--force"] + arguments)
    #expect(over.exitCode == 64)
    try FileManager.default.removeItem(atPath: folder.file("in/tokenizer.json"))
    let again = try command.run(
      ["tokenize", "in/", "--output", "in/x.rfx", "--force"] + arguments)
    #expect(again.output.contains(#""tokens":6,"documents":3,"#), "the output is no input")
  }

  @Test func refusesWhatIsNoText() throws {
    let files: [(String, [UInt8], String)] = [
      ("a.jsonl.gz", [0x1F, 0x8B, 8, 0], "compressed by gzip; unpack it first (gzip -dk)"),
      (
        "a.parquet", Array("PAR1".utf8) + [0, 1],
        "a table (parquet); write its texts as JSON lines and name that file"
      ),
      (
        "a.txt", [0xFF, 0xFE, 65, 0],
        "text in UTF-16; convert it to UTF-8 (iconv -f UTF-16 -t UTF-8)"
      ),
      ("data", [0, 255, 0, 7], "no text: it has zero bytes; name text or JSON lines"),
    ]
    for (name, bytes, message) in files {
      try folder.write(name, bytes)
      let run = try command.run(
        "tokenize", name, "--output", "x.rfx", "--train-tokenizer", "257", "--quiet", "--json")
      #expect(run == .init(diagnostics: "reflux: \(name): \(message)\n", exitCode: 2))
    }
  }

  @Test(arguments: ["-", "/dev/stdin", "pipe"])
  func readsStreams(name: String) throws {
    let lines = (0..<4000).map { "{\"text\":\"to be \($0)\"}" }.joined(separator: "\n")
    try folder.write("a.jsonl", lines)
    let tokenizing = "\"$reflux\" tokenize"
    let options = "--train-tokenizer 300 --quiet"
    let file = try command.shell("\(tokenizing) a.jsonl --output a.rfx \(options)")
    #expect(file.exitCode == 0)
    mkfifo(folder.file("pipe"), 0o600)
    let source = name == "pipe" ? "cat a.jsonl > pipe &" : "cat a.jsonl |"
    let run = try command.shell(
      "\(source) \(tokenizing) \(name) --format jsonl --output b.rfx --tokenizer-output b.json "
        + options)
    #expect(run.exitCode == 0, "\(run)")
    #expect(try ids("a.rfx") == ids("b.rfx"))
    #expect(try folder.bytes("b.json") == folder.bytes("tokenizer.json"))
    #expect(
      try folder.names() == ["a.jsonl", "a.rfx", "b.json", "b.rfx", "pipe", "tokenizer.json"])
  }

  @Test func streamsNeedAFormatAndAreNoOutput() throws {
    try folder.write("a.txt", "to be")
    let options = "--train-tokenizer 257 --quiet < a.txt"
    let bare = try command.shell("\"$reflux\" tokenize - --output b.rfx \(options)")
    #expect(
      bare
        == .init(
          diagnostics: "reflux: -: a stream does not say how documents lie in it; name the format:"
            + " --format text or jsonl\n", exitCode: 64))
    let over = try command.shell(
      "\"$reflux\" tokenize - --format text --output a.txt --force \(options)")
    #expect(over.exitCode == 64)
    #expect(over.diagnostics.contains("would be overwritten by the output a.txt"))
    let out = try command.shell("\"$reflux\" tokenize a.txt --output - \(options)")
    #expect(out.exitCode == 64)
  }

  @Test func namesWhatItPassesOver() throws {
    try folder.write("in/a.txt", "to be")
    try folder.write("in/x.gz", [0x1F, 0x8B, 8, 0])
    try folder.link("in/lost", to: "nowhere")
    let arguments = ["tokenize", "in", "--output", "x.rfx", "--train-tokenizer", "257", "--json"]
    let stopped = try command.run(arguments + ["--quiet"])
    #expect(
      stopped
        == .init(
          diagnostics:
            "reflux: in/lost: cannot inspect: No such file or directory; check the path\n",
          exitCode: 1))
    let run = try command.run(arguments + ["--on-unreadable", "skip"])
    #expect(run.exitCode == 0)
    #expect(run.diagnostics.contains("reflux: passed over 1 (unreadable): in/lost\n"))
    #expect(run.diagnostics.contains("reflux: passed over 1 (gzip): in/x.gz\n"))
    #expect(run.output.contains(#""passed_over":{"unreadable":1,"gzip":1}"#))
  }

  @Test func goesOnBehindBadLines() throws {
    let lines = [#"{"text":"a"}"#, #"{"text":"b\ud83d"}"#, "nope"].joined(separator: "\n")
    try folder.write("a.jsonl", lines)
    let arguments = [
      "tokenize", "a.jsonl", "--output", "x.rfx", "--train-tokenizer", "257", "--quiet",
    ]
    let stopped = try command.run(arguments)
    #expect(stopped.exitCode == 2)
    #expect(
      stopped.diagnostics
        == "reflux: a.jsonl: line 2: the field 'text' holds lone surrogates or bytes"
        + " that are no UTF-8; fix or skip the line, or replace them by U+FFFD"
        + " (--on-bad-line replace)\n")
    let run = try command.run(arguments + ["--on-bad-line", "replace", "--json"])
    #expect(run.output.contains(#""documents":2,"#))
    #expect(run.output.contains(#""lines_skipped":1,"lines_repaired":1"#))
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
