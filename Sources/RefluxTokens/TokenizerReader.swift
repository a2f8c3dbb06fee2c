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
    try refuse(root, ["truncation", "padding", "normalizer"])
    let decoder = try root.member("decoder")
    guard try decoder.type() == "ByteLevel" else { throw decoder.unsupported("'ByteLevel'") }
    let added = try addedTokens()
    let tokens = try TokenList(vocabulary: bytePairs.member("vocab"), added: added)
    return TokenizerModel(
      tokens: tokens.bytes,
      isInVocabulary: tokens.isInVocabulary,
      merges: try MergeReader(tokens).merges(bytePairs.member("merges")),
      addedTokens: added,
      pattern: try WordPattern(root.member("pre_tokenizer")),
      ignoresMerges: try bytePairs.flag("ignore_merges", standard: false),
      postProcessor: try postProcessor())
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
  /// Reads a Hugging Face `tokenizer.json` of a byte-level BPE.
  ///
  /// Merges may be written as `"a b"` or as `["a", "b"]`. What cannot be honoured exactly is
  /// refused: normalizers, truncation, padding, dropout, a prefix space, other models and decoders.
  /// Post-processors are kept for writing and not applied.
  ///
  /// - Parameter json: The file's bytes.
  /// - Throws: `TokenizerError` that names the field, what it holds and what is supported.
  /// - Cost: Linear in the file; about ten times its size in memory while it is read.
  public init(json: [UInt8]) throws(TokenizerError) {
    try self.init(model: TokenizerReader(json).model())
  }
}
