/// How far the training of a tokenizer is.
public struct TrainingProgress: Equatable, Sendable {
  /// Merges learnt so far.
  public var merges: Int
  /// Merges wanted; fewer are learnt where the text has no more pairs.
  public var totalMerges: Int
}
