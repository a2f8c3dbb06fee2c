public import RefluxTargets

extension StoreProvenance {
  /// The estimator, where it is one that is known here.
  public var knownEstimator: Estimator? { Estimator(rawValue: estimator) }

  /// How the teacher's windows were cut, where that is known here.
  public var knownPacking: Packing? { Packing(rawValue: packing) }
}
