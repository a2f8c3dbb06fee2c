internal import RefluxJSON

/// The tokens of a file by id: the model's vocabulary and the added tokens in one dense list.
struct TokenList {
  private(set) var bytes: [[UInt8]] = []
  private(set) var isInVocabulary: [Bool] = []
  /// The ids of the vocabulary by their spelling in the file.
  private(set) var ids: [[UInt8]: UInt32] = [:]

  /// Where each byte's token is, by its spelling `<0x00>` to `<0xFF>`.
  private(set) var byteIDs: [UInt8: UInt32] = [:]
  private let spelling: Spelling

  init(
    vocabulary: JSONField, added: [AddedToken], spelling: Spelling
  ) throws(TokenizerError) {
    self.spelling = spelling
    var entries: [UInt32: (spelling: String, isInVocabulary: Bool)] = [:]
    for member in try vocabulary.object().members {
      let id = try JSONField(name: "\(vocabulary.name).\(member.key)", value: member.value).id()
      if let other = entries[id] { throw .duplicateID(id, other.spelling, member.key) }
      entries[id] = (member.key, true)
      ids[Array(member.key.utf8)] = id
    }
    var contents: [UInt32: String] = [:]
    for token in added {
      let known = entries[token.id]?.spelling ?? token.content
      guard contents[token.id] == nil, known.utf8.elementsEqual(token.content.utf8) else {
        throw .duplicateID(token.id, contents[token.id] ?? known, token.content)
      }
      contents[token.id] = token.content
      entries[token.id] = (token.content, entries[token.id] != nil)
    }
    try fill(from: entries, contents: contents)
  }

  private mutating func fill(
    from entries: [UInt32: (spelling: String, isInVocabulary: Bool)], contents: [UInt32: String]
  ) throws(TokenizerError) {
    for id in 0..<UInt32(entries.count) {
      guard let entry = entries[id] else { throw .missingID(id, tokens: entries.count) }
      if let content = contents[id] {
        bytes.append(Array(content.utf8))
      } else if let spelled = spelling.bytes(of: entry.spelling), !spelled.isEmpty {
        bytes.append(spelled)
        if let byte = PieceForm.byte(of: entry.spelling) { byteIDs[byte] = id }
      } else {
        throw .malformed(
          field: "model.vocab", found: "a token '\(entry.spelling.prefix(60))'",
          expected: spelling.expected)
      }
      isInVocabulary.append(entry.isInVocabulary)
    }
  }
}
