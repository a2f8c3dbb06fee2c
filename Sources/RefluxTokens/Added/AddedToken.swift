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
  /// Whether it takes in the white space behind it (`rstrip`).
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
