public import RefluxTargets

extension StoreHeader {
  /// What the sets are, as far as losses ask; only sample stores have any.
  public var facts: SetFacts {
    let estimator = provenance.knownEstimator
    return SetFacts(
      kind: estimator == .topk ? .topk : .sampled, estimator: estimator, tau: provenance.tau,
      isCorrected: provenance.isCorrected, temperature: provenance.temperature,
      gamma: provenance.gamma, scalars: extras)
  }
}
