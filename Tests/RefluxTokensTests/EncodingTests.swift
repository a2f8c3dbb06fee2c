import RefluxTokens
import TestSupport
import Testing

@Suite struct EncodingTests {
  @Test(arguments: ["gpt2", "llama3", "qwen2", "digits"])
  func hardTextsHaveTheReferencesIDs(_ name: String) throws {
    let tokenizer = try Reference.tokenizer(name)
    let texts = Reference.texts("texts")
    let expected = Reference.numbers("ids", name)
    #expect(texts.count == expected.count && texts.count > 40)
    for (text, ids) in zip(texts, expected) {
      #expect(tokenizer.encode(text).map(Int.init) == ids, "\(text.debugDescription)")
    }
  }

  @Test(arguments: ["gpt2", "llama3", "qwen2", "digits"])
  func textsDecodeToThemselves(_ name: String) throws {
    let tokenizer = try Reference.tokenizer(name)
    for text in Reference.texts("texts") + Reference.texts("randoms") {
      #expect(try tokenizer.decode(tokenizer.encode(text)) == Array(text.utf8))
    }
  }

  @Test(arguments: ["gpt2", "llama3", "qwen2", "digits"])
  func everyStringOfTwoBytesDecodesToItself(_ name: String) throws {
    let tokenizer = try Reference.tokenizer(name)
    for first in UInt8.min...UInt8.max {
      #expect(try tokenizer.decode(tokenizer.encode([first])) == [first])
      for second in UInt8.min...UInt8.max {
        let bytes = [first, second]
        guard try tokenizer.decode(tokenizer.encode(bytes)) != bytes else { continue }
        Issue.record("\(bytes)")
      }
    }
  }

  @Test func randomBytesDecodeToThemselves() throws {
    let tokenizer = try Reference.tokenizer()
    var random = TestRandom(seed: 1)
    for count in 0..<400 {
      let bytes = random.bytes(count)
      #expect(try tokenizer.decode(tokenizer.encode(bytes)) == bytes)
    }
  }

  @Test func contentOfAnAddedTokenIsOrdinaryText() throws {
    let tokenizer = try Reference.tokenizer()
    let ids = tokenizer.encode("a<|endoftext|>b")
    #expect(tokenizer.endOfText == 0)
    #expect(!ids.contains(0))
    #expect(try tokenizer.decode([0]) == Array("<|endoftext|>".utf8))
  }

  @Test func unknownIDsAreNamedWithTheirIndex() throws {
    let tokenizer = try Reference.tokenizer()
    let error = TokenizerError.unknownToken(id: 640, index: 2, vocabularySize: 640)
    #expect(throws: error) { try tokenizer.decode([1, 2, 640]) }
    #expect(error.description == "id 640 at index 2 is not a token; expected ids below 640")
  }

  @Test func manyThreadsEncodeAlike() async throws {
    let tokenizer = try Reference.tokenizer()
    let text = try Reference.bytes("corpus.txt")
    let expected = tokenizer.encode(text)
    let all = await withTaskGroup(of: [UInt32].self) { group in
      for _ in 0..<16 { group.addTask { tokenizer.encode(text) } }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(all.count == 16 && all.allSatisfy { $0 == expected })
  }
}
