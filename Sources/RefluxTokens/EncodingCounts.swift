/// What encoding met that a user may want to know of.
public struct EncodingCounts: Equatable, Sendable {
  /// Contents of special tokens that stayed ordinary text.
  public var specialTexts = 0
  /// Bytes without a token that became the unknown token.
  public var unknownBytes = 0
  /// Bytes without a token that were left out, since there is no unknown token.
  public var droppedBytes = 0
  /// Stretches beyond `Tokenizer.longestStretch` that merges might have crossed and that were cut:
  /// there the ids may differ from those of the text as a whole.
  public var cutStretches = 0

  /// Nothing met.
  public init() {}

  /// Adds up two counts.
  public static func += (left: inout EncodingCounts, right: EncodingCounts) {
    left.specialTexts += right.specialTexts
    left.unknownBytes += right.unknownBytes
    left.droppedBytes += right.droppedBytes
    left.cutStretches += right.cutStretches
  }
}
