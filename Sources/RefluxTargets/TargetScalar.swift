/// A number of the teacher's whole distribution that a set of ids may have beside it; the
/// distribution is that at the set's temperature.
public enum TargetScalar: String, Sendable, CaseIterable {
  /// The probability of all ids of the set together.
  case mass
  /// The logarithm of the sum of the exponentials of the logits.
  case logsum
  /// The entropy in nats.
  case entropy
  /// The probability of the label, the token that follows.
  case label
  /// The sum over the vocabulary of the probabilities to a power gamma.
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
