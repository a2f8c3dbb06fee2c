internal import RefluxJSON

/// All facts of a tokenizer as plain data: what a file says and what training makes.
struct TokenizerModel: Sendable {
  /// What a byte-level model does with bytes that the vocabulary lacks.
  struct Gaps: Sendable {
    /// The token that stands for them, by its spelling and id.
    var unknown: (spelling: String, id: UInt32)?
    var fusesUnknown = false
    /// The tokens `<0x00>` to `<0xFF>` where letters of bytes are spelled by them; nil where not.
    var spelled: [UInt32?]?
  }

  /// The bytes of every token, by id.
  var tokens: [[UInt8]]
  /// Whether a token is in the model's own vocabulary, by id; added tokens may stand outside it.
  var isInVocabulary: [Bool]
  var merges: MergeTable
  var addedTokens: [AddedToken]
  var pattern = WordPattern.gpt2
  /// For tokenizers over characters: how they treat spaces, and the tokens of the 256 bytes; nil
  /// for byte-level ones, which have a pattern.
  var pieces: (form: PieceForm, byteIDs: [UInt32])?
  /// Nil where every byte has a token.
  var gaps: Gaps?
  /// Whether a word that is a token as a whole is taken as it is, without merges.
  var ignoresMerges = false
  /// Whether texts are composed canonically (NFC) first.
  var isCanonical = false
  /// The normalizer of a byte-level tokenizer as the file has it.
  var normalizer = JSONValue.null
  /// The decoder as the file has it; nil for a plain byte-level one.
  var decoder: JSONValue?
  /// Why ids cannot be decoded, where the decoder is not one that is known.
  var decoderRefusal: TokenizerError?
  /// The tokens that the post-processor puts around a text.
  var frame = TextFrame()
  /// The post-processor as the file has it.
  var postProcessor = JSONValue.null

  /// The largest vocabulary: what every store can hold.
  static let vocabularyLimit = 1 << 24

  /// The vocabulary's tokens with the bytes of their spelling, without those that no text spells.
  var vocabulary: [(id: UInt32, bytes: [UInt8])] {
    let contents = Dictionary(
      addedTokens.map { ($0.id, $0.content) }, uniquingKeysWith: { first, _ in first })
    let spelling = pieces == nil ? Spelling.byteLetters : .marks
    return tokens.indices.compactMap { index in
      guard isInVocabulary[index] else { return nil }
      let content = contents[UInt32(index)]
      return (content.map { spelling.bytes(of: $0) } ?? tokens[index]).map { (UInt32(index), $0) }
    }
  }
}
