internal import RefluxMemory
internal import RefluxTargets

extension RowTarget {
  /// Checks the target against a vocabulary; reads only.
  ///
  /// - Parameters:
  ///   - kind: what the target must have.
  ///   - usesRest: whether the loss gives the mass that the set leaves to others, so that the set's
  ///     may not exceed 1 by more than `rounding`.
  /// - Throws: `LossError` for the first thing that is wrong.
  func check(
    _ kind: TargetKind, vocabularySize: Int, usesRest: Bool, rounding: MassRounding
  ) throws(LossError) {
    if let label, !(0..<vocabularySize).contains(label) {
      throw .label(label, vocabularySize: vocabularySize)
    }
    switch kind {
    case .label: if label == nil { throw .noLabel }
    case .dense:
      guard let teacher else { throw .length(0, expected: vocabularySize) }
      if teacher.count != vocabularySize {
        throw .length(teacher.count, expected: vocabularySize)
      }
    case .sampled, .topk:
      guard let set else { throw .length(0, expected: 1) }
      try set.check(vocabularySize: vocabularySize)
      let most = usesRest ? rounding.largestMass(ofIDs: set.ids.count) : .infinity
      let mass = max(set.mass, scalars[.mass] ?? 0)
      if mass > most { throw .mass(mass) }
    }
  }
}

extension SampleSet {
  /// The sum of the weights.
  var mass: Double {
    var mass = 0.0
    for place in 0..<weights.count { mass += Double(weights[place]) }
    return mass
  }

  /// The place of the largest weight, of equal ones that of the lowest id; nil for an empty set.
  var heaviest: Int? {
    if ids.count == 0 { return nil }
    var heaviest = 0
    for place in 1..<ids.count {
      let (weight, most) = (weights[place], weights[heaviest])
      if weight > most || weight == most && ids[place] < ids[heaviest] { heaviest = place }
    }
    return heaviest
  }

  func check(vocabularySize: Int) throws(LossError) {
    if ids.count > vocabularySize { throw .length(ids.count, expected: vocabularySize) }
    for place in 0..<ids.count {
      if ids[place] >= vocabularySize {
        throw .id(ids[place], place: place, vocabularySize: vocabularySize)
      }
      if !(weights[place] >= 0 && weights[place] < .infinity) {
        throw .weight(weights[place], place: place)
      }
    }
  }
}
