internal import RefluxJSON

/// Reads Hugging Face's `tokenizer.json`, and refuses every setting that would change the tokens in
/// a way that is not done here.
struct TokenizerReader {
  /// The longest file that is read, in bytes; the largest vocabularies in use take a third of it.
  static let fileLimit = 1 << 27

  private let root: JSONField

  init(_ json: [UInt8]) throws(TokenizerError) {
    guard json.count <= TokenizerReader.fileLimit else {
      throw .tooLarge(found: json.count, limit: TokenizerReader.fileLimit)
    }
    do {
      root = JSONField(name: "", value: try JSONValue(parsing: json))
    } catch {
      throw .json(error)
    }
  }

  func model() throws(TokenizerError) -> TokenizerModel {
    let bytePairs = try root.member("model")
    try checkModel(bytePairs)
    try refuse(root, ["truncation", "padding"])
    // The two kinds: over bytes with a pattern of words, over characters with marks for spaces.
    let overCharacters = try bytePairs.flag("byte_fallback", standard: false)
    let added = try addedTokens()
    let tokens = try TokenList(
      vocabulary: bytePairs.member("vocab"), added: added,
      spelling: overCharacters ? .marks : .byteLetters)
    var model = TokenizerModel(
      tokens: tokens.bytes,
      isInVocabulary: tokens.isInVocabulary,
      merges: try MergeReader(tokens).merges(bytePairs.member("merges")),
      addedTokens: added,
      ignoresMerges: try bytePairs.flag("ignore_merges", standard: false),
      postProcessor: try postProcessor())
    if overCharacters {
      model.pieces = (
        try PieceForm(root: root, model: bytePairs), try byteIDs(tokens)
      )
    } else {
      try refuse(root, ["normalizer"])
      let decoder = try root.member("decoder")
      guard try decoder.type() == "ByteLevel" else { throw decoder.unsupported("'ByteLevel'") }
      model.pattern = try WordPattern(root.member("pre_tokenizer"))
    }
    return model
  }

  private func byteIDs(_ tokens: TokenList) throws(TokenizerError) -> [UInt32] {
    var ids: [UInt32] = []
    for byte in UInt8.min...UInt8.max {
      guard let id = tokens.byteIDs[byte] else { throw .missingByte(byte) }
      ids.append(id)
    }
    return ids
  }

  /// Throws where any of these members is there and not null.
  private func refuse(_ field: JSONField, _ keys: [String]) throws(TokenizerError) {
    for key in keys {
      if let member = try field.optional(key) { throw member.unsupported("null") }
    }
  }

  private func checkModel(_ model: JSONField) throws(TokenizerError) {
    // Old files have no type; the other models have a vocabulary of another shape.
    if let type = try model.optional("type"), try type.string() != "BPE" {
      throw type.unsupported("'BPE'")
    }
    if let dropout = try model.optional("dropout"), dropout.value.doubleValue != 0 {
      throw dropout.unsupported("null or 0")
    }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let affix = try model.optional(key), try !affix.string().isEmpty {
        throw affix.unsupported("null or ''")
      }
    }
  }

  /// Post-processors only add tokens around a text or move offsets; texts are encoded without them.
  private func postProcessor() throws(TokenizerError) -> JSONValue {
    guard let field = try root.optional("post_processor") else { return .null }
    let known = ["ByteLevel", "TemplateProcessing", "Sequence"]
    guard known.contains(try field.type()) else {
      throw field.unsupported("null, 'ByteLevel', 'TemplateProcessing' or a 'Sequence' of them")
    }
    return field.value
  }

  private func addedTokens() throws(TokenizerError) -> [AddedToken] {
    guard let field = try root.optional("added_tokens") else { return [] }
    var tokens: [AddedToken] = []
    for element in try field.elements() {
      var token = AddedToken(
        id: try element.member("id").id(), content: try element.member("content").string(),
        isSpecial: try element.flag("special", standard: false))
      token.isSingleWord = try element.flag("single_word", standard: false)
      token.stripsLeft = try element.flag("lstrip", standard: false)
      token.stripsRight = try element.flag("rstrip", standard: false)
      token.isNormalized = try element.flag("normalized", standard: !token.isSpecial)
      tokens.append(token)
    }
    return tokens.sorted { $0.id < $1.id }
  }
}

extension Tokenizer {
  /// Reads a Hugging Face `tokenizer.json` of a byte-level BPE, or of one over characters that
  /// spells those it lacks in bytes.
  ///
  /// Merges may be written as `"a b"` or as `["a", "b"]`. What cannot be honoured exactly is
  /// refused: other normalizers, truncation, padding, dropout, other models and decoders.
  /// Post-processors are kept for writing and not applied.
  ///
  /// - Parameter json: The file's bytes.
  /// - Throws: `TokenizerError` that names the field, what it holds and what is supported.
  /// - Cost: Linear in the file; about ten times its size in memory while it is read.
  public init(json: [UInt8]) throws(TokenizerError) {
    try self.init(model: TokenizerReader(json).model())
  }
}
