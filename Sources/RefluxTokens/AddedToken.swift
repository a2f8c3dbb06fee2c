/// A token outside the merges, such as `<|endoftext|>`, with the flags that its file gives it.
///
/// Its content inside ordinary text is ordinary text to ``Tokenizer/encode(_:)-(Span<UInt8>)``;
/// only its id stands for it.
public struct AddedToken: Equatable, Sendable {
  public var id: UInt32
  public var content: String
  public var isSpecial: Bool
  public var isSingleWord = false
  public var stripsLeft = false
  public var stripsRight = false
  public var isNormalized = false

  public init(id: UInt32, content: String, isSpecial: Bool) {
    self.id = id
    self.content = content
    self.isSpecial = isSpecial
  }
}
