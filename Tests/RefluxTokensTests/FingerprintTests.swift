import RefluxJSON
import RefluxTokens
import Testing

/// What names a tokenizer: the same for the same ids, in whatever bytes other programs save it.
@Suite struct FingerprintTests {
  /// By `References/fingerprint.py`, which knows the specification and nothing of the Swift code.
  @Test(
    arguments: [
      ("gpt2", 0x0276_6db1_e460_b199), ("llama3", 0x964c_5b4c_48ac_b332),
      ("qwen2", 0x9b31_5198_7a88_3ef1), ("digits", 0x31aa_777e_cd11_3ae4),
      ("gaps.json", 0x56ae_3456_24aa_afa9),
    ] as [(String, UInt64)])
  func isThatOfTheSpecification(name: String, fingerprint: UInt64) throws {
    #expect(try Reference.tokenizer(name).fingerprint == fingerprint)
  }

  /// The same for tokenizers over characters, whose files say one thing in several ways.
  @Test(
    arguments: [
      ("prepend", 0x873c_cc41_fd91_8ee4), ("first", 0x1fb3_ca21_3fab_1e46),
      ("split", 0x571f_2db0_c193_f16c), ("never", 0x3a20_3a34_8659_7852),
    ] as [(String, UInt64)])
  func isThatOfTheSpecificationOverCharacters(form: String, fingerprint: UInt64) throws {
    let forms = Reference.encodings["pieces"]?.objectValue?["forms"]?.objectValue
    let parts = try #require(forms?[form]?.objectValue)
    let tokenizer = try changed("pieces.json") { root in
      for part in parts.members { root[part.key] = part.value }
    }
    #expect(tokenizer.fingerprint == fingerprint)
  }

  /// Texts that are composed first have other ids; so do bytes without a token, as settings say.
  @Test func normalizersAndLackingBytesAreTold() throws {
    let nfc: JSONObject = ["normalizer": .object(["type": .string("NFC")])]
    let composing = try Reference.tokenizer("trained.json", with: nfc)
    #expect(composing.fingerprint == 0x44a9_6f24_6f95_519a)
    let plain = try Reference.tokenizer("gaps.json").fingerprint
    let unknown = try Reference.tokenizer("gaps.json", model: ["unk_token": .string("<unk>")])
    let spelled = try Reference.tokenizer("gaps.json", model: ["byte_fallback": .bool(true)])
    #expect(Set([plain, unknown.fingerprint, spelled.fingerprint]).count == 3)
  }

  @Test func knowsTheHashOfOlderStores() throws {
    let tokenizer = try Reference.tokenizer()
    #expect(tokenizer.isNamed(by: tokenizer.fingerprint))
    // XXH64 of trained.json, by Formats/Store/reference.py.
    #expect(tokenizer.isNamed(by: 0xb504_4bbd_275f_f70f))
    #expect(!tokenizer.isNamed(by: 0))
    #expect(try !Reference.tokenizer("llama3").isNamed(by: tokenizer.fingerprint))
  }

  // MARK: What other programs change

  @Test func otherBytesOfTheSameTokenizerAreTheSame() throws {
    let fingerprint = try Reference.tokenizer("llama3").fingerprint
    let changes: [(inout [String: JSONValue]) -> Void] = [
      { $0["post_processor"] = .null },
      { $0["version"] = nil },
      // A pad token that `transformers` appends, and an end of text under another name.
      { root in root.change("added_tokens") { $0.append(Self.token(641, "<pad>", special: true)) }
      },
      { root in
        root.change("added_tokens") { tokens in
          tokens[0] = Self.token(0, "<|end|>", special: true)
        }
        root.change("model", "vocab") { $0.renameFirst(to: "<|end|>") }
      },
      { root in root.change("model", "merges") { Self.split(&$0) } },
    ]
    for (index, change) in changes.enumerated() {
      let tokenizer = try changed("llama3.json", change)
      #expect(tokenizer.fingerprint == fingerprint, "change \(index)")
    }
  }

  @Test func whatChangesIdsChangesTheFingerprint() throws {
    let fingerprint = try Reference.tokenizer("llama3").fingerprint
    let changes: [(inout [String: JSONValue]) -> Void] = [
      { root in root.change("model", "merges") { $0.swapFirstTwo() } },
      { root in root.change("model", "merges") { $0.dropLast() } },
      { root in root.change("model") { $0.set("ignore_merges", .bool(false)) } },
      { root in
        root.change("added_tokens") { $0.append(Self.token(641, "<think>", special: false)) }
      },
    ]
    var seen: Set = [fingerprint]
    for (index, change) in changes.enumerated() {
      let tokenizer = try changed("llama3.json", change)
      #expect(seen.insert(tokenizer.fingerprint).inserted, "change \(index)")
    }
  }

  // MARK: Changing files

  private func changed(
    _ file: String, _ change: (inout [String: JSONValue]) -> Void
  ) throws -> Tokenizer {
    let root = try #require(JSONValue(parsing: Reference.bytes(file)).objectValue)
    var members = Dictionary(uniqueKeysWithValues: root.members.map { ($0.key, $0.value) })
    change(&members)
    let object = JSONObject(members.map { JSONObject.Member($0.key, $0.value) })
    return try Tokenizer(json: JSONValue.object(object).encoded())
  }

  private static func token(_ id: Int, _ content: String, special: Bool) -> JSONValue {
    .object([
      "id": .integer(id), "content": .string(content), "single_word": .bool(false),
      "lstrip": .bool(false), "rstrip": .bool(false), "normalized": .bool(!special),
      "special": .bool(special),
    ])
  }

  /// Merges as new files write them.
  private static func split(_ merges: inout JSONValue) {
    merges = .array(
      (merges.arrayValue ?? []).map { merge in
        .array((merge.stringValue ?? "").split(separator: " ").map { .string(String($0)) })
      })
  }
}

extension [String: JSONValue] {
  fileprivate mutating func change(_ key: String, _ change: (inout JSONValue) -> Void) {
    var value = self[key] ?? .null
    change(&value)
    self[key] = value
  }

  fileprivate mutating func change(
    _ key: String, _ inner: String, _ change: (inout JSONValue) -> Void
  ) {
    self.change(key) { value in
      var part = value.objectValue?[inner] ?? .null
      change(&part)
      value.set(inner, part)
    }
  }
}

extension JSONValue {
  fileprivate mutating func set(_ key: String, _ value: JSONValue) {
    var object = objectValue ?? [:]
    object.members.removeAll { $0.key == key }
    object.members.append(JSONObject.Member(key, value))
    self = .object(object)
  }

  fileprivate mutating func renameFirst(to key: String) {
    var object = objectValue ?? [:]
    if let index = object.members.firstIndex(where: { $0.value == .integer(0) }) {
      object.members[index].key = key
    }
    self = .object(object)
  }

  fileprivate mutating func append(_ value: JSONValue) {
    self = .array((arrayValue ?? []) + [value])
  }

  fileprivate subscript(index: Int) -> JSONValue {
    get { arrayValue?[index] ?? .null }
    set {
      var values = arrayValue ?? []
      values[index] = newValue
      self = .array(values)
    }
  }

  fileprivate mutating func swapFirstTwo() {
    let values = arrayValue ?? []
    self = .array([values[1], values[0]] + values.dropFirst(2))
  }

  fileprivate mutating func dropLast() { self = .array((arrayValue ?? []).dropLast()) }
}
