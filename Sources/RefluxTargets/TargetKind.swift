/// What a row of a target has.
public enum TargetKind: String, Sendable, CaseIterable {
  /// The label alone.
  case label
  /// Ids with how often each was drawn: exact for what is linear in the teacher's probabilities.
  case sampled
  /// The most probable ids with their probabilities; the rest is known as one number.
  case topk
  /// All logits of the teacher.
  case dense

  /// Whether targets are sets of ids, which a store keeps.
  public var isOfSets: Bool { self == .sampled || self == .topk }
}
