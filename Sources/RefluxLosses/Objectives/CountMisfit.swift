/// Why counts of draws are refused as the target of an objective.
public enum CountMisfit: Sendable {
  /// The gradient is not affine in the teacher's probabilities.
  case notLinear
  /// The order of the probabilities matters.
  case order
  /// Distances between rows matter.
  case noise

  /// One clause.
  public var reason: String {
    switch self {
    case .notLinear:
      "it is not linear in the teacher's probabilities, so counts would bias every gradient"
    case .order: "counts do not tell the order of the teacher's probabilities"
    case .noise: "the noise of the draws lengthens every distance between rows"
    }
  }
}
