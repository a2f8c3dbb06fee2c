internal import RefluxJSON

/// The tokens of a file by id: the model's vocabulary and the added tokens in one dense list.
struct TokenList {
  private(set) var bytes: [[UInt8]] = []
  private(set) var isInVocabulary: [Bool] = []
  /// Where each byte's token is, by its spelling `<0x00>` to `<0xFF>`.
  private(set) var byteIDs: [UInt8: UInt32] = [:]

  private let spelling: Spelling
  /// The vocabulary's spellings and their ids.
  private var spellings: WordTable
  private var ids: [UInt32] = []

  init(
    vocabulary: JSONField, added: [AddedToken], spelling: Spelling
  ) throws(TokenizerError) {
    self.spelling = spelling
    let members = try vocabulary.object().members
    spellings = WordTable(minimumCapacity: members.count)
    // Ids have no gaps, so none is as large as there may be tokens.
    var entries = [String?](repeating: nil, count: members.count + added.count)
    for member in members {
      let id = try id(of: member, in: vocabulary, tokens: entries.count)
      if let other = entries[Int(id)] { throw .duplicateID(id, other, member.key) }
      entries[Int(id)] = member.key
      let text = Array(member.key.utf8)
      if spellings.insert(text.indices, in: text.span).isNew { ids.append(id) }
    }
    isInVocabulary = entries.map { $0 != nil }
    let contents = try place(added, in: &entries)
    try fill(from: entries, contents: contents)
  }

  /// The id of a token of the vocabulary by its spelling in the file.
  func id(of spelling: String) -> UInt32? {
    let text = Array(spelling.utf8)
    return spellings.find(text.indices, in: text.span).map { ids[$0] }
  }

  private func id(
    of member: JSONObject.Member, in vocabulary: JSONField, tokens: Int
  ) throws(TokenizerError) -> UInt32 {
    if let id = member.value.integerValue, (0..<tokens).contains(id),
      id < TokenizerModel.vocabularyLimit
    {
      return UInt32(id)
    }
    let field = JSONField(name: "\(vocabulary.name).\(member.key)", value: member.value)
    _ = try field.id()
    throw field.malformed("an id below \(tokens), since there are no more tokens")
  }

  /// Puts the added tokens among the others.
  ///
  /// - Throws: `TokenizerError` where the tokenizers package, which goes by their order, gives one
  ///   another number than the file.
  private func place(
    _ added: [AddedToken], in entries: inout [String?]
  ) throws(TokenizerError) -> [UInt32: String] {
    var contents: [UInt32: String] = [:]
    var next = UInt32(ids.count)
    for (index, token) in added.enumerated() {
      let known = Int(token.id) < entries.count ? entries[Int(token.id)] : nil
      guard contents[token.id] == nil,
        (known ?? token.content).utf8.elementsEqual(token.content.utf8)
      else { throw .duplicateID(token.id, known ?? "", token.content) }
      let expected = id(of: token.content) ?? next
      guard token.id == expected else {
        throw .malformed(
          field: "added_tokens[\(index)].id", found: "\(token.id)",
          expected: "\(expected), which the tokenizers package gives the token in this place")
      }
      if token.id == next { next += 1 }
      contents[token.id] = token.content
      entries[Int(token.id)] = token.content
    }
    return contents
  }

  private mutating func fill(
    from entries: [String?], contents: [UInt32: String]
  ) throws(TokenizerError) {
    let count = entries.count { $0 != nil }
    for (index, entry) in entries.prefix(count).enumerated() {
      let id = UInt32(index)
      guard let entry else { throw .missingID(id, tokens: count) }
      if isInVocabulary[index], let byte = PieceForm.byte(of: entry) { byteIDs[byte] = id }
      if let content = contents[id] {
        bytes.append(spelling.decoded(content))
      } else if let spelled = spelling.bytes(of: entry), !spelled.isEmpty {
        bytes.append(spelled)
      } else {
        throw .malformed(
          field: "model.vocab", found: "a token '\(entry.prefix(60))'",
          expected: spelling.expected)
      }
    }
    isInVocabulary.removeLast(entries.count - count)
  }
}

/// How a file spells the bytes of its tokens.
enum Spelling {
  /// A letter for each byte, as GPT-2 does.
  case byteLetters
  /// As text with "▁" for a space, and `<0x00>` to `<0xFF>` for single bytes.
  case marks

  /// The bytes of a spelling; nil for one that cannot be.
  func bytes(of spelling: String) -> [UInt8]? {
    switch self {
    case .byteLetters: ByteAlphabet.bytes(of: spelling)
    case .marks: PieceForm.bytes(of: spelling)
    }
  }

  /// What decoding gives for an added token: its content, in which marks are spaces too.
  func decoded(_ content: String) -> [UInt8] {
    let spelled = self == .marks ? bytes(of: content) : nil
    return spelled ?? Array(content.utf8)
  }

  /// What tokens look like, for a refusal.
  var expected: String {
    switch self {
    case .byteLetters: "tokens spelled in GPT-2's byte letters"
    case .marks: "tokens with '\(PieceForm.mark)' for spaces"
    }
  }
}
