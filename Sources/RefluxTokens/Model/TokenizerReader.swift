internal import RefluxJSON

/// Reads Hugging Face's `tokenizer.json`, and refuses every setting that would change the tokens in
/// a way that is not done here.
struct TokenizerReader {
  /// The longest file that is read, in bytes; the largest vocabularies in use take half of it.
  static let fileLimit = 1 << 26
  /// The longest content of an added token, in bytes: texts are searched for all of them.
  static let contentLimit = 1024

  private let root: JSONField

  init(_ json: [UInt8]) throws(TokenizerError) {
    guard json.count <= TokenizerReader.fileLimit else {
      throw .tooLarge(found: json.count, limit: TokenizerReader.fileLimit)
    }
    let hasMark = json.starts(with: [0xEF, 0xBB, 0xBF])
    do {
      root = JSONField(
        name: "",
        value: try JSONValue(
          parsing: json.span.extracting((hasMark ? 3 : 0)...), maximumValues: 1 << 22))
    } catch {
      throw .json(error)
    }
  }

  func model() throws(TokenizerError) -> TokenizerModel {
    let bytePairs = try root.member("model")
    try checkModel(bytePairs)
    try refuse(root, ["truncation", "padding"])
    // The two kinds: over bytes with a pattern of words, over characters with marks for spaces.
    let overCharacters = try isOverCharacters(bytePairs)
    let added = try addedTokens()
    let tokens = try TokenList(
      vocabulary: bytePairs.member("vocab"), added: added,
      spelling: overCharacters ? .marks : .byteLetters)
    var model = TokenizerModel(
      tokens: tokens.bytes,
      isInVocabulary: tokens.isInVocabulary,
      merges: try MergeReader(tokens).merges(bytePairs.member("merges")),
      addedTokens: added.sorted { $0.id < $1.id },
      ignoresMerges: try bytePairs.flag("ignore_merges", standard: false),
      postProcessor: try root.optional("post_processor")?.value ?? .null)
    model.frame = try TextFrame(root.optional("post_processor"), tokens: tokens.bytes.count)
    let normalizer = try Normalizer(root.optional("normalizer"))
    model.isCanonical = normalizer.isCanonical
    if overCharacters {
      var form = try PieceForm(root: root, model: bytePairs, normalizer)
      model.decoderRefusal = form.readDecoder(try root.optional("decoder"))
      model.pieces = (form, try byteIDs(tokens))
    } else {
      if let other = normalizer.others.first { throw other.unsupported("null or 'NFC'") }
      model.normalizer = try root.optional("normalizer")?.value ?? .null
      try decoder(&model)
      model.pattern = try WordPattern(root.member("pre_tokenizer"))
      model.gaps = try gaps(of: tokens, bytePairs)
    }
    return model
  }

  /// Files of both kinds may let bytes fall back; only those over bytes end with byte letters.
  private func isOverCharacters(_ bytePairs: JSONField) throws(TokenizerError) -> Bool {
    guard try bytePairs.flag("byte_fallback", standard: false) else { return false }
    guard let before = try root.optional("pre_tokenizer") else { return true }
    var last: JSONField? = before
    if try before.type() == "Sequence" { last = try before.member("pretokenizers").elements().last }
    return try last?.type() != "ByteLevel"
  }

  /// Nil for the plain decoder, which is also taken for none; a sequence with it is kept.
  private func decoder(_ model: inout TokenizerModel) throws(TokenizerError) {
    guard let decoder = try root.optional("decoder") else {
      model.decoder = .null
      return
    }
    if try decoder.type() == "ByteLevel" { return }
    model.decoder = decoder.value
    let parts = try? decoder.member("decoders").elements().map { part throws(TokenizerError) in
      try part.type()
    }
    if !(parts ?? []).contains("ByteLevel") {
      model.decoderRefusal = decoder.unsupported("'ByteLevel', or a 'Sequence' with it")
    }
  }

  /// What the model does with bytes that have no token; nil where all have one.
  private func gaps(
    of tokens: TokenList, _ model: JSONField
  ) throws(TokenizerError) -> TokenizerModel.Gaps? {
    let letters = ByteAlphabet.scalars.map { tokens.id(of: String($0)) }
    guard letters.contains(nil) else { return nil }
    var gaps = TokenizerModel.Gaps()
    gaps.fusesUnknown = try model.flag("fuse_unk", standard: false)
    if let unknown = try model.optional("unk_token") {
      let spelling = try unknown.string()
      guard let id = tokens.id(of: spelling) else {
        throw unknown.malformed("a token of 'model.vocab'")
      }
      gaps.unknown = (spelling, id)
    }
    if try model.flag("byte_fallback", standard: false) {
      gaps.spelled = (UInt8.min...UInt8.max).map { tokens.byteIDs[$0] }
    }
    return gaps
  }

  private func byteIDs(_ tokens: TokenList) throws(TokenizerError) -> [UInt32] {
    var ids: [UInt32] = []
    for byte in UInt8.min...UInt8.max {
      guard let id = tokens.byteIDs[byte] else { throw .missingByte(byte) }
      ids.append(id)
    }
    return ids
  }

  /// Refuses members that are there and not null.
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

  private func addedTokens() throws(TokenizerError) -> [AddedToken] {
    guard let field = try root.optional("added_tokens") else { return [] }
    var tokens: [AddedToken] = []
    for element in try field.elements() { tokens.append(try addedToken(element)) }
    return tokens
  }

  private func addedToken(_ field: JSONField) throws(TokenizerError) -> AddedToken {
    var token = AddedToken(
      id: try field.member("id").id(), content: try field.member("content").string(),
      isSpecial: try field.flag("special", standard: false))
    guard token.content.utf8.count <= TokenizerReader.contentLimit else {
      throw .malformed(
        field: field.name + ".content", found: "\(token.content.utf8.count) bytes",
        expected: "at most \(TokenizerReader.contentLimit)")
    }
    token.isSingleWord = try field.flag("single_word", standard: false)
    token.stripsLeft = try field.flag("lstrip", standard: false)
    token.stripsRight = try field.flag("rstrip", standard: false)
    token.isNormalized = try field.flag("normalized", standard: !token.isSpecial)
    return token
  }
}

extension Tokenizer {
  /// Reads a Hugging Face `tokenizer.json` of a byte-level BPE, or of one over characters that
  /// spells those it lacks in bytes.
  ///
  /// Merges may be written as `"a b"` or as `["a", "b"]`. What cannot be honoured exactly is
  /// refused: other normalizers than NFC and those that write spaces as marks, truncation, padding,
  /// dropout, other models. Decoders of byte-level files are kept for writing.
  ///
  /// - Parameter json: The file's bytes.
  /// - Throws: `TokenizerError` that names the field, what it holds and what is supported.
  /// - Complexity: Linear in the file; up to ten times its size in memory while it is read.
  public init(json: [UInt8]) throws(TokenizerError) {
    try self.init(model: TokenizerReader(json).model())
  }
}
