public import RefluxLosses

/// The value of an objective on held-out positions.
public struct ObjectiveValue: Sendable {
  /// Which one, with its options.
  public var objective: ObjectiveChoice
  /// The mean over the positions; nil where there is none, or the objective is infinite.
  public var loss: Double?
  /// Positions that count.
  public var positions: Int
}
