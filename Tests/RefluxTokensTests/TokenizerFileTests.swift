import RefluxJSON
import RefluxTokens
import Testing

@Suite struct TokenizerFileTests {
  @Test func writesWhatTheLibraryWrites() throws {
    #expect(try Reference.tokenizer().json() == Reference.bytes("trained.json"))
  }

  @Test(arguments: ["gpt2", "llama3", "qwen2", "digits"])
  func readsBackWhatItWrote(_ name: String) throws {
    let tokenizer = try Reference.tokenizer(name)
    let again = try Tokenizer(json: tokenizer.json())
    #expect(again.json() == tokenizer.json())
    #expect(again.fingerprint == tokenizer.fingerprint)
    #expect(again.addedTokens == tokenizer.addedTokens)
  }

  @Test func differentTokenizersHaveDifferentFingerprints() throws {
    let prints = try Reference.files.keys.map { try Reference.tokenizer($0).fingerprint }
    #expect(Set(prints).count == 4)
  }

  @Test func keepsAddedTokensBeyondTheVocabulary() throws {
    let tokenizer = try Reference.tokenizer("llama3")
    #expect(tokenizer.vocabularySize == 641)
    #expect(tokenizer.id(ofAddedToken: "<|héllo there|>") == 640)
    #expect(try tokenizer.decode([640]) == Array("<|héllo there|>".utf8))
    #expect(String(decoding: tokenizer.json(), as: UTF8.self).contains("TemplateProcessing"))
  }

  /// Each case replaces a text of the good file and gives the refusal's own words.
  @Test(arguments: [
    (
      #""normalizer": null"#, #""normalizer": {"type": "NFKC"}"#,
      "tokenizer field 'normalizer' is 'NFKC', which is not supported; supported: null or 'NFC'"
    ),
    (
      #""truncation": null"#, #""truncation": {"max_length": 8}"#,
      "tokenizer field 'truncation' is an object, which is not supported; supported: null"
    ),
    (
      #""add_prefix_space": false"#, #""add_prefix_space": true"#,
      "tokenizer field 'pre_tokenizer.add_prefix_space' is true, which is not supported; "
        + "supported: false, because a text must decode to itself"
    ),
    (
      #""type": "BPE""#, #""type": "WordPiece""#,
      "tokenizer field 'model.type' is 'WordPiece', which is not supported; supported: 'BPE'"
    ),
    (
      #""dropout": null"#, #""dropout": 0.1"#,
      "tokenizer field 'model.dropout' is 0.1, which is not supported; supported: null or 0"
    ),
    (
      #""end_of_word_suffix": null"#, #""end_of_word_suffix": "</w>""#,
      "tokenizer field 'model.end_of_word_suffix' is '</w>', which is not supported; supported: "
        + "null or ''"
    ),
    (
      #""model": {"#, #""was": {"#,
      "tokenizer has no 'model'; expected the tokenizer.json of a byte-level BPE"
    ),
    (
      #""!": 1,"#, #""!": -1,"#,
      "tokenizer field 'model.vocab.!' is -1; expected an id from 0 to 16777215"
    ),
    (
      #""!": 1,"#, #""!": 2,"#,
      "tokens '!' and '\"' share id 2; give every token an id of its own"
    ),
    (
      #""!": 1,"#, #""!": 9000,"#,
      "tokenizer field 'model.vocab.!' is 9000; expected an id below 641, since there are no more "
        + "tokens"
    ),
    (
      #""!": 1,"#, #""! !": 1,"#,
      "tokenizer field 'model.vocab' is a token '! !'; "
        + "expected tokens spelled in GPT-2's byte letters"
    ),
    (
      #""merges": ["#, #""merges": ["a b c","#,
      "tokenizer field 'model.merges[0]' is a string; "
        + "expected two tokens: \"a b\" or [\"a\", \"b\"]"
    ),
    (
      #""merges": ["#, #""merges": ["ÿ ÿ","#,
      "merge 0 needs the token 'ÿÿ', which 'model.vocab' lacks; the file is damaged"
    ),
    (
      #""content": "<|endoftext|>""#, #""content": "<|end|>""#,
      "tokens '<|endoftext|>' and '<|end|>' share id 0; give every token an id of its own"
    ),
  ])
  func refusesWhatItCannotHonour(_ text: String, _ other: String, _ message: String) throws {
    let good = try Reference.text("trained.json")
    let bad = try #require(good.firstRange(of: text)).lowerBound
    let end = good.utf8.index(bad, offsetBy: text.utf8.count)
    let changed = good.replacingCharacters(from: bad, to: end, with: other)
    let error = #expect(throws: TokenizerError.self) { try Tokenizer(json: Array(changed.utf8)) }
    #expect(error?.description == message)
  }

  @Test func repeatedMergesAreRefused() throws {
    var root = try JSONValue(parsing: Reference.bytes("qwen2.json")).objectValue ?? [:]
    let index = try #require(root.members.firstIndex { $0.key == "model" })
    var model = root.members[index].value.objectValue ?? [:]
    let place = try #require(model.members.firstIndex { $0.key == "merges" })
    let merges = model.members[place].value.arrayValue ?? []
    model.members[place].value = .array(merges + [merges[0]])
    root.members[index].value = .object(model)
    let error = #expect(throws: TokenizerError.self) {
      try Tokenizer(json: JSONValue.object(root).encoded())
    }
    guard case .duplicateMerge(merges.count, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func otherSplitsAreRefused() throws {
    let text = try Reference.text("qwen2.json")
    for (good, bad) in [
      (#"\\p{N}|"#, #"\\p{N}{1,2}|"#), ("Isolated", "Removed"),
      (#""invert": false"#, #""invert": true"#),
      (#""use_regex": false"#, #""use_regex": true"#),
    ] {
      let range = try #require(text.firstRange(of: good))
      let changed = text.replacingCharacters(
        from: range.lowerBound, to: range.upperBound, with: bad)
      let error = #expect(throws: TokenizerError.self) { try Tokenizer(json: Array(changed.utf8)) }
      guard case .unsupported = error else {
        Issue.record("\(bad): \(String(describing: error))")
        continue
      }
    }
  }

  @Test func oneByteOrderMarkIsSkipped() throws {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let good = try Reference.bytes("trained.json")
    let tokenizer = try Tokenizer(json: mark + good)
    #expect(tokenizer.fingerprint == (try Reference.tokenizer().fingerprint))
    #expect(throws: TokenizerError.self) { try Tokenizer(json: mark + mark + good) }
  }

  @Test func withoutADecoderByteLevelIsTaken() throws {
    let tokenizer = try Reference.tokenizer("trained.json", with: ["decoder": .null])
    #expect(try tokenizer.decode(tokenizer.encode("naïve")) == Array("naïve".utf8))
    #expect(String(decoding: tokenizer.json(), as: UTF8.self).contains(#""decoder": null"#))
  }

  @Test func splitsByAStringAreNamed() throws {
    let split =
      #"{"type": "Split", "pattern": {"String": " "}, "behavior": "Isolated", "invert": false}"#
    let byteLevel = #"{"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}"#
    let before = #"{"type": "Sequence", "pretokenizers": [\#(split), \#(byteLevel)]}"#
    let error = #expect(throws: TokenizerError.self) {
      try Reference.tokenizer(
        "trained.json", with: ["pre_tokenizer": JSONValue(parsing: Array(before.utf8))])
    }
    #expect(
      error?.description
        == "tokenizer field 'pre_tokenizer.pretokenizers[0].pattern' is a String ' ', which is not "
        + "supported; supported: the expressions of GPT-2, Llama 3 and Qwen as a 'Regex'")
  }

  @Test func textThatIsNoJSONIsNamed() {
    let error = #expect(throws: TokenizerError.self) { try Tokenizer(json: Array("hello".utf8)) }
    #expect(error?.description == "not JSON at byte 0: found 'h', expected a value")
  }
}

extension String {
  fileprivate func replacingCharacters(
    from start: Index, to end: Index, with other: String
  ) -> String {
    String(self[..<start]) + other + String(self[end...])
  }
}
