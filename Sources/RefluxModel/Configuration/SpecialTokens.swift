/// The ids that config.json gives for text generation; they do not change what a model computes and
/// are carried from file to file.
public struct SpecialTokens: Equatable, Sendable {
  /// Begins a text.
  public var beginning: Int?
  /// Each of these ends a text.
  public var end: [Int]
  /// Fills up short texts in a batch.
  public var padding: Int?

  /// None unless given.
  public init(beginning: Int? = nil, end: [Int] = [], padding: Int? = nil) {
    self.beginning = beginning
    self.end = end
    self.padding = padding
  }
}
