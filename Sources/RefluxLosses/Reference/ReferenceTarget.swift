public import RefluxTargets

/// What rows learn from besides their labels.
public enum ReferenceTarget: Sendable, Equatable {
  case none
  /// The teacher's logits, rows x its vocabulary.
  case dense([[Double]])
  /// The most probable ids of each row.
  case top([ReferenceSet])
  /// Draws from p^tau, whose weights are their shares.
  case drawn([ReferenceSet], tau: Double)

  /// What kind of target it is.
  public var kind: TargetKind {
    switch self {
    case .none: .label
    case .dense: .dense
    case .top: .topk
    case .drawn: .sampled
    }
  }

  /// The sets of a target of sets.
  var sets: [ReferenceSet]? {
    switch self {
    case .top(let sets), .drawn(let sets, _): sets
    case .none, .dense: nil
    }
  }

  /// What sets are, their scalars left out; nil for a target of no sets.
  var facts: SetFacts? {
    switch self {
    case .none, .dense: nil
    case .top: SetFacts(kind: .topk, estimator: .topk)
    case .drawn(_, let tau):
      SetFacts(kind: .sampled, estimator: .multinomial, tau: tau, isCorrected: tau == 1)
    }
  }
}
