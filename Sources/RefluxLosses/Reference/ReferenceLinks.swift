/// The parts of the loss of links.
public struct ReferenceLinks: Sendable, Equatable {
  /// KL of the softmax of scores.
  public var scores: Double
  /// The ranks of pairs.
  public var ranks: Double
  /// Cross-entropy of the links that are known; nil without any.
  public var edges: Double?

  /// 0.1 of the edges, the scores and the ranks.
  public var loss: Double { 0.1 * (edges ?? 0) + scores + ranks }
}
