public import RefluxMemory
public import RefluxTargets

/// What a row learns from.
public enum LossTarget: Sendable {
  /// The label alone.
  case label
  /// Sampled ids with counts out of `rounds`.
  case counted(ids: View<UInt32>, counts: View<UInt32>, rounds: Int)
  /// Ids with weights, whose sum a need not be 1, and what happens to the mass 1 - a.
  case weighted(ids: View<UInt32>, weights: View<Float>, Remainder)
  /// A teacher's logits of the whole vocabulary; overwritten.
  case dense(View<Float>)

  /// The teacher's logits of a dense target.
  var teacher: View<Float>? {
    if case .dense(let logits) = self { logits } else { nil }
  }

  /// The ids of a sparse target.
  var ids: View<UInt32>? {
    switch self {
    case .label, .dense: nil
    case .counted(let ids, _, _), .weighted(let ids, _, _): ids
    }
  }

  /// Checks the target against a vocabulary; reads only.
  ///
  /// - Parameter rounding: how far the mass of a set may exceed 1.
  func validate(
    label: Int?, vocabularySize: Int, rounding: MassRounding
  ) throws(LossError) {
    if let label, !(0..<vocabularySize).contains(label) {
      throw .label(label, vocabularySize: vocabularySize)
    }
    switch self {
    case .label: if label == nil { throw .noLabel }
    case .dense(let teacher):
      if teacher.count != vocabularySize {
        throw .length(teacher.count, expected: vocabularySize)
      }
    case .counted(let ids, let counts, let rounds):
      try Self.check(ids, counts.count, vocabularySize)
      var sum = 0
      for place in 0..<counts.count {
        if counts[place] == 0 { throw .noCount(place: place) }
        sum += Int(counts[place])
      }
      if sum != rounds || rounds < 1 { throw .rounds(rounds, sumOfCounts: sum) }
    case .weighted(let ids, let weights, let remainder):
      try Self.check(ids, weights.count, vocabularySize)
      try Self.check(weights, remainder, rounding)
      if remainder == .label && label == nil { throw .noLabel }
    }
  }

  private static func check(
    _ ids: View<UInt32>, _ count: Int, _ vocabularySize: Int
  ) throws(LossError) {
    if ids.count != count { throw .length(count, expected: ids.count) }
    for place in 0..<ids.count {
      if ids[place] >= vocabularySize {
        throw .id(ids[place], place: place, vocabularySize: vocabularySize)
      }
      if place > 0 && ids[place] <= ids[place - 1] { throw .order(place: place) }
    }
  }

  private static func check(
    _ weights: View<Float>, _ remainder: Remainder, _ rounding: MassRounding
  ) throws(LossError) {
    var mass = 0.0
    for place in 0..<weights.count {
      if !(weights[place] >= 0 && weights[place] < .infinity) {
        throw .weight(weights[place], place: place)
      }
      mass += Double(weights[place])
    }
    let most: Double =
      switch remainder {
      case .dropped, .renormalized: .infinity
      case .uniform, .label, .ghost: rounding.largestMass(ofIDs: weights.count)
      }
    if mass > most || remainder == .renormalized && mass == 0 { throw .mass(mass) }
  }
}

/// How far the sum of a set's weights may lie above 1 by their rounding alone.
public struct MassRounding: Sendable, Equatable {
  /// The largest error of a weight, relative to it.
  public var relative: Double
  /// The largest error of a weight that is too small for the relative one.
  public var absolute: Double

  /// The default is that of sums of float32 probabilities.
  public init(relative: Double = 1e-5, absolute: Double = 0) {
    self.relative = relative
    self.absolute = absolute
  }

  /// The largest sum of `count` weights whose exact sum is at most 1.
  func largestMass(ofIDs count: Int) -> Double { 1 + relative + absolute * Double(count) }
}
