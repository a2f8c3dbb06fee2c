/// A token outside the merges, such as `<|endoftext|>`, with the flags that its file gives it.
///
/// Its content inside ordinary text is ordinary text to ``Tokenizer/encode(_:)-(Span<UInt8>)``;
/// only its id stands for it.
public struct AddedToken: Equatable, Sendable {
  /// The id, below the vocabulary size.
  public var id: UInt32
  /// The text that decoding gives for the id.
  public var content: String
  /// `special` in the file: a control token such as the end of a text.
  public var isSpecial: Bool
  /// `single_word` in the file, kept for other readers of it.
  public var isSingleWord = false
  /// `lstrip` in the file, kept for other readers of it.
  public var stripsLeft = false
  /// `rstrip` in the file, kept for other readers of it.
  public var stripsRight = false
  /// `normalized` in the file, kept for other readers of it.
  public var isNormalized = false

  /// A token whose four matching flags are false.
  public init(id: UInt32, content: String, isSpecial: Bool) {
    self.id = id
    self.content = content
    self.isSpecial = isSpecial
  }
}
