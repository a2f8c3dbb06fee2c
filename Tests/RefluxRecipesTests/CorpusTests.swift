import Foundation
import RefluxRecipes
import RefluxTokens
import Synchronization
import TestSupport
import Testing

/// Text files to documents of ids.
@Suite struct CorpusTests {
  let folder = TemporaryFolder()

  private func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let path = folder.file(name)
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func documents(
    of corpus: TextCorpus, _ tokenizer: Tokenizer, workers: Int = 2, field: String = "text",
    observer: RunObserver = RunObserver()
  ) throws -> [[UInt32]] {
    var documents: [[UInt32]] = []
    let encoder = CorpusEncoder(tokenizer: tokenizer, field: field, workers: workers)
    try encoder.encode(corpus, observer: observer) { ids in
      documents.append(ids.indices.map { ids[$0] })
    }
    return documents
  }

  /// Words, every kind of white space in every order, bytes that are no UTF-8, few places to cut.
  private func awkwardText(bytes: Int) -> [UInt8] {
    var random = TestRandom(seed: 5)
    let parts: [[UInt8]] =
      [
        "alpha", " be", "it's", "42", ".", "\n", "\n\n", " ", "\t\n", "\r\n", "\u{E9}",
        "\u{2003}\n",
      ].map { Array($0.utf8) } + [[0xFF], [0xC3]]
    var text: [UInt8] = []
    while text.count < bytes { text += parts[Int(random.next() % UInt64(parts.count))] }
    return text
  }

  private func tokenizer(_ text: [UInt8]) throws -> Tokenizer {
    var trainer = BytePairTrainer(vocabularySize: 300)
    trainer.add(text)
    return try trainer.train()
  }

  @Test(arguments: [1, 2, 5])
  func cutsWithoutChangingTheIds(workers: Int) throws {
    let text = awkwardText(bytes: 5 << 20)
    let tokenizer = try tokenizer(Array(text.prefix(20_000)))
    let corpus = try TextCorpus(paths: [try write("a.txt", text), try write("b.txt", [65, 66])])
    let documents = try documents(of: corpus, tokenizer, workers: workers)
    let end = try #require(tokenizer.endOfText)
    #expect(documents.count == 2)
    #expect(documents[0] == tokenizer.encode(text) + [end])
    #expect(documents[1] == tokenizer.encode([65, 66]) + [end])
  }

  @Test func cutsJSONLinesWithoutLosingOne() throws {
    let tokenizer = try tokenizer(Array("to be or not to be".utf8))
    let texts = (0..<60_000).map { "line \($0) to be\n" }
    let lines = texts.map { #"{"id":[1,{"a":null}],"text":"\#($0.dropLast())\n"}"# }
    let corpus = try TextCorpus(
      paths: [try write("a.jsonl", Array(lines.joined(separator: "\n").utf8))])
    let documents = try documents(of: corpus, tokenizer)
    let end = try #require(tokenizer.endOfText)
    #expect(documents == texts.map { tokenizer.encode($0) + [end] })
  }

  @Test func trainsOnTheWordsOfEveryPiece() throws {
    let text = awkwardText(bytes: 3 << 20)
    let corpus = try TextCorpus(paths: [try write("a.txt", text)])
    let trained = try CorpusTrainer(vocabularySize: 300).train(corpus)
    var whole = BytePairTrainer(vocabularySize: 300)
    whole.add(text)
    #expect(trained.fingerprint == (try whole.train().fingerprint))
  }

  @Test func tellsOfAllItsBytes() throws {
    let tokenizer = try tokenizer(Array("to be or not to be".utf8))
    let corpus = try TextCorpus(paths: [try write("a.txt", awkwardText(bytes: 3 << 20))])
    let seen = Mutex(0)
    let observer = RunObserver(advanced: { bytes in seen.withLock { $0 += bytes } })
    _ = try documents(of: corpus, tokenizer, observer: observer)
    #expect(seen.withLock { $0 } == corpus.byteCount)
    seen.withLock { $0 = 0 }
    _ = try CorpusTrainer(vocabularySize: 260).train(corpus, observer: observer)
    #expect(seen.withLock { $0 } == corpus.byteCount)
  }

  @Test func stopsWhenAsked() throws {
    let tokenizer = try tokenizer(Array("to be or not to be".utf8))
    let corpus = try TextCorpus(paths: [try write("a.txt", [65])])
    let stop = RunObserver(isInterrupted: { true })
    #expect { try documents(of: corpus, tokenizer, observer: stop) } throws: { error in
      if case RecipeError.interrupted = error { true } else { false }
    }
  }

  @Test(arguments: [
    ("{\"text\":\"a\"}\n\n{\"text\":\n", 3, "JSON ends where"),
    ("[]\n", 1, "found an array, expected an object"),
    ("{\"text\":\"a\"}\n{\"body\":\"a\"}", 2, "no field 'text'"),
    ("{\"text\":7}", 1, "the field 'text' is a number, expected a string"),
  ])
  func namesTheLineThatIsWrong(lines: String, number: Int, found: String) throws {
    let tokenizer = try tokenizer(Array("to be or not to be".utf8))
    let path = try write("a.jsonl", Array(lines.utf8))
    let corpus = try TextCorpus(paths: [path])
    #expect { try documents(of: corpus, tokenizer) } throws: { error in
      let text = "\(error)"
      return (error as? RecipeError)?.path == path && text.hasPrefix("line \(number): ")
        && text.contains(found)
    }
  }

  // MARK: Lines that are not sound

  private static let lines = [
    #"{"text":"a"}"#, #"{"text":"b\ud83d c"}"#, #"{"score":1e999,"x":NaN,"text":"d"}"#, "nope",
    #"{"body":"e"}"#, #"{"text":7}"#, "[]", #"{"text":"f"}"#,
  ]

  @Test(arguments: [
    (BadLinePolicy.skip, ["a", "d", "f"], 5, 0),
    (BadLinePolicy.replace, ["a", "b\u{FFFD} c", "d", "f"], 4, 1),
  ])
  func goesOnBehindBadLines(
    policy: BadLinePolicy, expected: [String], skipped: Int, repaired: Int
  ) throws {
    let tokenizer = try tokenizer(Array("to be or not to be".utf8))
    let end = try #require(tokenizer.endOfText)
    let path = try write("a.jsonl", Array(Self.lines.joined(separator: "\n").utf8))
    var found: [[UInt32]] = []
    let encoder = CorpusEncoder(tokenizer: tokenizer, onBadLine: policy, workers: 2)
    let counts = try encoder.encode(TextCorpus(paths: [path])) { ids in
      found.append(ids.indices.map { ids[$0] })
    }
    #expect(found == expected.map { tokenizer.encode($0) + [end] })
    #expect(counts.lines.skipped == skipped && counts.lines.repaired == repaired)
    let trained = try CorpusTrainer(vocabularySize: 257, onBadLine: policy)
      .train(TextCorpus(paths: [path]))
    #expect(trained.vocabularySize == 257)
  }

  @Test func stopsAtALoneSurrogate() throws {
    let tokenizer = try tokenizer(Array("to be or not to be".utf8))
    let path = try write("a.jsonl", Array(Self.lines.joined(separator: "\n").utf8))
    let corpus = try TextCorpus(paths: [path])
    #expect { try documents(of: corpus, tokenizer) } throws: { error in
      "\(error)".hasPrefix("line 2: the field 'text' holds lone surrogates")
    }
  }

  @Test(arguments: ["a.txt", "a.jsonl"])
  func leavesTheByteOrderMarkOut(name: String) throws {
    let tokenizer = try tokenizer(Array("to be or not to be".utf8))
    let end = try #require(tokenizer.endOfText)
    let text = name.hasSuffix("l") ? "{\"text\":\"\u{FEFF}to be\"}\n" : "\u{FEFF}to be"
    let path = try write(name, [0xEF, 0xBB, 0xBF] + Array(text.utf8))
    let documents = try documents(of: TextCorpus(paths: [path]), tokenizer)
    // The one at the file's start is a mark, a second one is text.
    #expect(documents == [tokenizer.encode("\u{FEFF}to be") + [end]])
  }
}
