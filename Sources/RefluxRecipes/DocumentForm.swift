public import RefluxTokens

/// What stands around the text of a document in a token store, and what counts as text in it.
public struct DocumentForm: Equatable, Sendable {
  /// The ids before each document.
  public var start: [UInt32]
  /// The id behind each document, where there is one.
  public var end: UInt32?
  /// Whether the content of a special token in a text stands for the token.
  public var parsesSpecial = false

  /// What the tokenizer's post-processor puts before a text, and its end-of-text token behind.
  public init(_ tokenizer: Tokenizer) {
    start = tokenizer.frame.before
    end = tokenizer.endOfText
  }
}
