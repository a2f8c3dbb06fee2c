/// A number that a set of ids may have beside it.
public enum TargetScalar: String, Sendable, CaseIterable {
  /// The probability of the set.
  case mass
  /// The logarithm of the sum of e^logit over the vocabulary.
  case logsum
  /// The teacher's entropy in nats.
  case entropy
  /// The teacher's probability of the label.
  case label
  /// The sum of p^gamma over the vocabulary.
  case power

  /// What it is, in words.
  public var words: String {
    switch self {
    case .mass: "the probability of the set"
    case .logsum: "the log-sum-exp of the teacher's logits"
    case .entropy: "the teacher's entropy"
    case .label: "the teacher's probability of the label"
    case .power: "the sum of the teacher's probabilities to the power gamma"
    }
  }
}
