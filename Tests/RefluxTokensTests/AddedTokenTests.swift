import RefluxJSON
import RefluxTokens
import Testing

/// Added tokens and normalizers against Hugging Face's library: `References/added.json`.
@Suite struct AddedTokenTests {
  private static let reference: JSONObject = {
    let bytes = (try? Reference.bytes("added.json")) ?? []
    return (try? JSONValue(parsing: bytes))?.objectValue ?? [:]
  }()
  static let cases = reference["cases"]?.arrayValue?.compactMap(\.objectValue) ?? []

  private static func tokenizer(_ object: JSONObject) throws -> Tokenizer {
    try Reference.tokenizer(
      #require(object["file"]?.stringValue), with: #require(object["members"]?.objectValue))
  }

  private static func numbers(_ value: JSONValue?) -> [[UInt32]] {
    value?.arrayValue?.map { ($0.arrayValue ?? []).compactMap(\.integerValue).map(UInt32.init) }
      ?? []
  }

  private static func texts(_ object: JSONObject) -> [String] {
    object["texts"]?.arrayValue?.compactMap(\.stringValue) ?? []
  }

  @Test(arguments: cases.indices)
  func textsHaveTheReferencesIDs(_ index: Int) throws {
    let object = Self.cases[index]
    let tokenizer = try Self.tokenizer(object)
    let texts = Self.texts(object)
    for (key, isParsed) in [("plain", false), ("parsed", true)] {
      let expected = Self.numbers(object[key])
      #expect(texts.count > 10 && texts.count == expected.count)
      for (text, ids) in zip(texts, expected) {
        let found = tokenizer.encode(text, .init(parsesSpecial: isParsed))
        #expect(found == ids, "\(text.debugDescription)")
      }
    }
  }

  /// Cut wherever it may be, a text has the ids that it has as a whole.
  @Test(arguments: cases.indices)
  func piecesHaveTheIDsOfTheWhole(_ index: Int) throws {
    let object = Self.cases[index]
    let tokenizer = try Self.tokenizer(object)
    let text = Array(Self.texts(object).joined(separator: " a\n").utf8)
    for size in [1, 7, 40] {
      for isParsed in [false, true] {
        let whole = tokenizer.encode(text, .init(parsesSpecial: isParsed))
        let (ids, pieces) = pieces(of: text, tokenizer, size: size, isParsed)
        #expect(ids == whole)
        #expect(pieces > 4)
      }
    }
  }

  private func pieces(
    of text: [UInt8], _ tokenizer: Tokenizer, size: Int, _ isParsed: Bool
  ) -> (ids: [UInt32], count: Int) {
    var (ids, count, start): ([UInt32], Int, Int) = ([], 0, 0)
    while start < text.count {
      var end = min(start + size, text.count)
      while end < text.count, !canCut(text, at: end, tokenizer) { end += 1 }
      ids += tokenizer.encode(
        Array(text[start..<end]), .init(parsesSpecial: isParsed, isContinuing: start > 0))
      (start, count) = (end, count + 1)
    }
    return (ids, count)
  }

  private func canCut(_ text: [UInt8], at offset: Int, _ tokenizer: Tokenizer) -> Bool {
    let low = max(0, offset - tokenizer.cutMargin)
    let window = Array(text[low..<min(text.count, offset + tokenizer.cutMargin)])
    return tokenizer.canCut(window.span, at: offset - low)
  }

  @Test func specialTextsAreCounted() throws {
    let tokenizer = try Reference.tokenizer()
    var counts = EncodingCounts()
    let text = Array("a<|endoftext|>b<|endoftext|>".utf8)
    #expect(!tokenizer.encode(text.span, counting: &counts).contains(0))
    #expect(counts.specialTexts == 2)
    let parsed = tokenizer.encode(text, .init(parsesSpecial: true))
    #expect(parsed.filter { $0 == 0 }.count == 2)
  }

  /// Bytes without a token: unknown, spelled by tokens of bytes, or left out, as in the library.
  @Test func bytesWithoutATokenAreTheLibrarys() throws {
    let gaps = try #require(Self.reference["gaps"]?.objectValue)
    let texts = Self.texts(gaps)
    for row in gaps["settings"]?.arrayValue?.compactMap(\.objectValue) ?? [] {
      let tokenizer = try Reference.tokenizer("gaps.json", model: row)
      var counts = EncodingCounts()
      for (text, ids) in zip(texts, Self.numbers(row["ids"])) {
        #expect(tokenizer.encode(Array(text.utf8).span, counting: &counts) == ids)
      }
      #expect((counts.droppedBytes > 0) == (row["unk_token"] == .null))
      #expect((counts.unknownBytes > 0) == (row["unk_token"] != .null))
      let again = try Tokenizer(json: tokenizer.json())
      #expect(again.fingerprint == tokenizer.fingerprint)
      #expect(texts.allSatisfy { again.encode($0) == tokenizer.encode($0) })
    }
  }

  /// The library gives each token a number by its place, whatever the file says.
  @Test func numbersThatTheLibraryWouldChangeAreRefused() throws {
    let members: JSONObject = [
      "added_tokens": .array([
        .object(["id": .integer(641), "content": .string("<b>")]),
        .object(["id": .integer(640), "content": .string("<a>")]),
      ])
    ]
    let error = #expect(throws: TokenizerError.self) {
      try Reference.tokenizer("trained.json", with: members)
    }
    #expect(error?.description.contains("'added_tokens[0].id' is 641; expected 640") == true)
  }
}
