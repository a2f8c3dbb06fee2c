/// Where the mass goes that a set of a few ids leaves of a distribution.
public enum Remainder: Sendable, CaseIterable {
  /// Nowhere: raw top-K, and importance weights.
  case dropped
  /// To the ids in the set in proportion to their weights.
  case renormalized
  /// In equal parts to all ids of the vocabulary.
  case uniform
  /// To the label.
  case label
  /// Into one bucket with all ids outside the set.
  case ghost
}
