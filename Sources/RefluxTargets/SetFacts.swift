/// What the sets of a store are, as far as losses ask.
///
/// p is the teacher's distribution at ``temperature``: softmax(z / T).
public struct SetFacts: Equatable, Sendable {
  /// Draws or the most probable ids.
  public var kind: TargetKind
  /// How the ids were chosen; nil where that is not known here.
  public var estimator: Estimator?
  /// The exponent of the draws: ids were drawn in proportion to p^tau.
  public var tau: Double
  /// Whether the weights are an estimate of p; otherwise their mean is p^tau / sum p^tau.
  public var isCorrected: Bool
  /// T of the teacher's softmax.
  public var temperature: Double
  /// The exponent of the scalar ``TargetScalar/power``; nil where the sets have none.
  public var gamma: Double?
  /// What each set has beside its ids.
  public var scalars: [TargetScalar]

  /// Exact counts of draws from the teacher itself, unless said otherwise.
  public init(
    kind: TargetKind, estimator: Estimator? = nil, tau: Double = 1, isCorrected: Bool = true,
    temperature: Double = 1, gamma: Double? = nil, scalars: [TargetScalar] = []
  ) {
    self.kind = kind
    self.estimator = estimator
    self.tau = tau
    self.isCorrected = isCorrected
    self.temperature = temperature
    self.gamma = gamma
    self.scalars = scalars
  }
}
