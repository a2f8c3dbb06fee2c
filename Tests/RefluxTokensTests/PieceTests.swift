import RefluxJSON
import TestSupport
import Testing

@testable import RefluxTokens

/// Tokenizers over characters, as Llama 2, Mistral and Gemma have them, against Hugging Face's
/// library.
@Suite struct PieceTests {
  static let files = ["pieces", "crossing"]
  static let forms = ["prepend", "first", "split", "never"]

  private static let reference = Reference.encodings["pieces"]?.objectValue ?? [:]

  private static func tokenizer(_ file: String, _ form: String) throws -> Tokenizer {
    let parts = try #require(reference["forms"]?.objectValue?[form]?.objectValue)
    return try changed(file) { members in
      for part in parts.members { members[part.key] = part.value }
    }
  }

  /// A tokenizer of the reference with other members.
  private static func changed(
    _ file: String, _ change: (inout [String: JSONValue]) -> Void
  ) throws -> Tokenizer {
    let root = try #require(JSONValue(parsing: Reference.bytes(file + ".json")).objectValue)
    var members = Dictionary(uniqueKeysWithValues: root.members.map { ($0.key, $0.value) })
    change(&members)
    let object = JSONObject(members.map { JSONObject.Member($0.key, $0.value) })
    return try Tokenizer(json: JSONValue.object(object).encoded())
  }

  private static func list(_ key: String, _ name: String) throws -> [JSONValue] {
    try #require(reference[key]?.objectValue?[name]?.arrayValue)
  }

  private static var texts: [String] {
    reference["texts"]?.arrayValue?.compactMap(\.stringValue) ?? []
  }

  @Test(arguments: files, forms)
  func textsHaveTheReferencesIDs(file: String, form: String) throws {
    let tokenizer = try Self.tokenizer(file, form)
    let expected = try Self.list("ids", "\(file)-\(form)")
    #expect(Self.texts.count == expected.count && expected.count > 50)
    for (text, ids) in zip(Self.texts, expected) {
      let found = tokenizer.encode(text).map { Int($0) }
      #expect(found == ids.arrayValue?.compactMap(\.integerValue), "\(text.debugDescription)")
    }
  }

  @Test(arguments: files, forms)
  func idsDecodeToTheReferencesTexts(file: String, form: String) throws {
    let tokenizer = try Self.tokenizer(file, form)
    let expected = try Self.list("decoded", "\(file)-\(form)").compactMap(\.stringValue)
    for (text, decoded) in zip(Self.texts, expected) {
      let found = try tokenizer.decode(tokenizer.encode(text))
      #expect(found == Array(decoded.utf8), "\(text.debugDescription)")
    }
  }

  /// Where a text goes on, its space stays; the other bytes are the same.
  @Test func continuedTextsKeepTheirSpace() throws {
    let tokenizer = try Self.tokenizer("pieces", "prepend")
    let ids = tokenizer.encode("let x")
    #expect(try tokenizer.decode(ids) == Array("let x".utf8))
    #expect(try tokenizer.decode(ids, continuing: true) == Array(" let x".utf8))
  }

  @Test(arguments: files)
  func everyStringOfTwoBytesDecodesToItself(file: String) throws {
    let tokenizer = try Self.tokenizer(file, "prepend")
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max {
        let bytes = [first, second]
        guard try tokenizer.decode(tokenizer.encode(bytes)) != bytes else { continue }
        Issue.record("\(bytes)")
      }
    }
  }

  /// A text without a word's end is cut where no merge can cross, and has the ids of its parts.
  @Test(arguments: ["日本 ", "日本", "let", "the cat sat "])
  func longTextsHaveTheIDsOfTheWhole(_ part: String) throws {
    let tokenizer = try Self.tokenizer("crossing", "prepend")
    var counts = EncodingCounts()
    let text = String(repeating: part, count: 160_000)
    let ids = tokenizer.encode(Array(text.utf8).span, counting: &counts)
    #expect(counts == EncodingCounts())
    let few = tokenizer.encode(String(repeating: part, count: 1_000))
    let period = (few.count - tokenizer.encode(String(repeating: part, count: 500)).count)
    #expect(ids.count == few.count + 318 * period)
    #expect(ids.prefix(few.count / 2) == few.prefix(few.count / 2))
    #expect(ids.suffix(few.count / 2) == few.suffix(few.count / 2))
    #expect(try tokenizer.decode(ids) == Array(text.utf8))
  }

  /// Where merges may cross everywhere, a limit bounds the memory, and cuts are counted.
  @Test func endlessStretchesAreCutAndCounted() throws {
    var tokenizer = try Self.tokenizer("crossing", "prepend")
    tokenizer.stretchLimit = 40_000
    var counts = EncodingCounts()
    let text = Array(String(repeating: "  ", count: 25_000).utf8)
    let ids = tokenizer.encode(text.span, counting: &counts)
    #expect(counts.cutStretches == 1)
    #expect(try tokenizer.decode(ids) == text)
    tokenizer.stretchLimit = Tokenizer.longestStretch
    counts = EncodingCounts()
    #expect(tokenizer.encode(text.span, counting: &counts).count <= ids.count)
    #expect(counts.cutStretches == 0)
  }

  @Test(arguments: files, forms)
  func filesAreWrittenAsTheyWereRead(file: String, form: String) throws {
    let tokenizer = try Self.tokenizer(file, form)
    let again = try Tokenizer(json: tokenizer.json())
    #expect(again.fingerprint == tokenizer.fingerprint)
    #expect(again.encode("let x = 'y'") == tokenizer.encode("let x = 'y'"))
    #expect(tokenizer.endOfText == 2)
  }

  @Test func refusesWhatWouldChangeTheTokens() throws {
    func refusal(_ key: String, _ value: JSONValue) -> String {
      do {
        _ = try Self.changed("pieces") { $0[key] = value }
        return "accepted"
      } catch { return "\(error)" }
    }
    let lower: JSONValue = .object(["type": .string("Lowercase")])
    #expect(refusal("normalizer", lower).contains("'normalizer' is 'Lowercase', which is not"))
    #expect(refusal("normalizer", .null).contains("'Metaspace', where there is no normalizer"))
    #expect(refusal("pre_tokenizer", lower).contains("a 'Split' at spaces"))
  }

  /// What only decodes does not stop encoding.
  @Test func decodersThatAreNotKnownRefuseToDecode() throws {
    let lower: JSONValue = .object(["type": .string("Lowercase")])
    let decoders: JSONValue = .object([
      "type": .string("Sequence"), "decoders": .array([lower]),
    ])
    for (decoder, message) in [(lower, "'Metaspace', or a 'Sequence'"), (decoders, "decoders[0]")] {
      let tokenizer = try Self.changed("pieces") { $0["decoder"] = decoder }
      let ids = tokenizer.encode("let x")
      #expect(try ids == Self.changed("pieces") { _ in }.encode("let x"))
      let error = #expect(throws: TokenizerError.self) { try tokenizer.decode(ids) }
      #expect(error?.description.contains(message) == true)
    }
    let plain = try Self.changed("pieces") { $0["decoder"] = .null }
    #expect(try plain.decode(plain.encode("let x")) == Array("let x".utf8))
  }
}
