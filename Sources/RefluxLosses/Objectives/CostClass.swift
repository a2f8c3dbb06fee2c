/// What an objective costs beside the two passes over a row that cross-entropy makes too.
public enum CostClass: String, Sendable, CaseIterable {
  /// O(k) for the k ids of a set, k log k where they are sorted.
  case set
  /// One more pass over the row, or a selection of its largest logits.
  case pass
  /// Passes over all logits of the teacher.
  case dense
  /// What grows with the number of rows that stand together.
  case group
}
