internal import RefluxJSON

/// All facts of a tokenizer as plain data: what a file says and what training makes.
struct TokenizerModel: Sendable {
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
  /// Whether a word that is a token as a whole is taken as it is, without merges.
  var ignoresMerges = false
  /// What the file says about tokens put around a text; kept for writing, never applied.
  var postProcessor = JSONValue.null

  /// The largest vocabulary: what every store can hold.
  static let vocabularyLimit = 1 << 24
}
