public import RefluxTargets

/// Some ids of a row with what is known of the teacher there.
public struct ReferenceSet: Sendable, Equatable {
  /// Different ids, in any order.
  public var ids: [Int]
  /// The teacher's probability of each, or its share of the draws.
  public var weights: [Double]
  /// What else is known, such as the teacher's probability of the label.
  public var scalars: [TargetScalar: Double]

  /// Ids with probabilities.
  public init(ids: [Int], weights: [Double], scalars: [TargetScalar: Double] = [:]) {
    (self.ids, self.weights, self.scalars) = (ids, weights, scalars)
  }

  /// Ids with how often each was drawn; the weights are the shares of all draws.
  public init(ids: [Int], counts: [Int], scalars: [TargetScalar: Double] = [:]) {
    let rounds = Double(counts.reduce(0, +))
    self.init(ids: ids, weights: counts.map { Double($0) / rounds }, scalars: scalars)
  }

  /// The teacher's probability of all other ids: of what was recorded, else of the weights.
  var rest: Double { max(0, 1 - (scalars[.mass] ?? weights.reduce(0, +))) }

  /// The weight of an id, 0 for those outside.
  func weight(of id: Int) -> Double {
    ids.firstIndex(of: id).map { weights[$0] } ?? 0
  }

  /// The weights of all ids of a vocabulary, 0 outside the set.
  func spread(over size: Int) -> [Double] {
    var all = [Double](repeating: 0, count: size)
    for (id, weight) in zip(ids, weights) { all[id] = weight }
    return all
  }
}
