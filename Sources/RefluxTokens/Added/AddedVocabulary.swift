/// The added tokens of a tokenizer: those found in the text as it is written, and those found in
/// what the normalizer makes of it.
struct AddedVocabulary: Sendable {
  let raw: AddedTokenFinder?
  let normalized: AddedTokenFinder?
  /// The normalizer's canonical composition, where it has one.
  let canonical: CanonicalForm?
  /// The contents of all tokens, and what the text before them may have left of them.
  private let contents: TokenTrie
  /// Whether a token takes in white space after it.
  let stripsRight: Bool
  /// The longest content, in bytes.
  var longest: Int { contents.longest }

  /// - Throws: `TokenizerError.malformed` for two tokens with one content.
  init(
    _ tokens: [AddedToken], canonical: CanonicalForm?, form: PieceForm?
  ) throws(TokenizerError) {
    self.canonical = canonical
    stripsRight = tokens.contains(where: \.stripsRight)
    var contents = TokenTrie()
    var patterns: [(token: AddedToken, pattern: [UInt8])] = []
    for token in tokens where !token.content.isEmpty {
      let content = Array(token.content.utf8)
      _ = contents.insert(content, value: 0)
      if !token.isNormalized { continue }
      var pattern = canonical?.compose(content.span) ?? content
      if let form, form.replacesSpaces {
        _ = contents.insert(form.normalize(pattern, prefixed: false), value: 0)
        pattern = form.normalize(pattern, prefixed: true)
      }
      _ = contents.insert(pattern, value: 0)
      patterns.append((token, pattern))
    }
    self.contents = contents
    raw = try AddedTokenFinder(
      tokens.filter { !$0.isNormalized }.map { ($0, Array($0.content.utf8)) })
    normalized = try AddedTokenFinder(patterns)
  }

  /// Whether an added token may stand across `offset` of a text or beside it.
  func touch(_ offset: Int, in text: Span<UInt8>, _ form: PieceForm?) -> Bool {
    if contents.longest == 0 { return false }
    if contents.touches(offset, in: text) { return true }
    guard normalized != nil else { return false }
    let reach = 4 * longest + 16
    let left = normalize(text.extracting(max(0, offset - reach)..<offset), form)
    let right = normalize(text.extracting(offset..<min(text.count, offset + reach)), form)
    return contents.touches(left.count, in: (left + right).span)
  }

  private func normalize(_ text: Span<UInt8>, _ form: PieceForm?) -> [UInt8] {
    let bytes = canonical?.compose(text) ?? [UInt8](copying: text)
    guard let form, form.replacesSpaces else { return bytes }
    return form.normalize(bytes, prefixed: false)
  }
}

/// A token outside the merges, such as `<|endoftext|>`, with the flags that its file gives it.
///
/// Its content in a text stands for it, that of a special one only where special tokens are parsed.
public struct AddedToken: Equatable, Sendable {
  /// The id, below the vocabulary size.
  public var id: UInt32
  /// The text that decoding gives for the id.
  public var content: String
  /// `special` in the file: a control token such as the end of a text.
  public var isSpecial: Bool
  /// Whether it is not found within a word (`single_word`).
  public var isSingleWord = false
  /// Whether it takes in the white space before it (`lstrip`).
  public var stripsLeft = false
  /// Whether it takes in the white space after it (`rstrip`).
  public var stripsRight = false
  /// Whether it is looked for in what the normalizer makes of a text (`normalized`).
  public var isNormalized = false

  /// A token whose four matching flags are false.
  public init(id: UInt32, content: String, isSpecial: Bool) {
    self.id = id
    self.content = content
    self.isSpecial = isSpecial
  }
}
