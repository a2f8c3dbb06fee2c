internal import RefluxMemory
internal import RefluxTargets

/// Sets that differ from the one that was given; they live in the scratch until the next row.
extension RowLoss {
  /// A copy of a set, with the label after the others where it is not among them, at a weight of 0.
  func copy(_ set: SampleSet, label: Int?) -> (set: SampleSet, labelPlace: Int?) {
    var count = set.ids.count
    scratch.ids.copy(from: set.ids)
    scratch.weights.copy(from: set.weights)
    var place: Int?
    if let label {
      place = (0..<count).first { scratch.ids[$0] == label } ?? count
      if place == count {
        (scratch.ids[count], scratch.weights[count]) = (UInt32(label), 0)
        count += 1
      }
    }
    let copy = SampleSet(
      ids: scratch.ids.slice(0, count), weights: scratch.weights.slice(0, count))
    return (copy, place)
  }

  /// A copy of the `count` largest of a set, 0 for all, in the order of the set.
  func largest(_ count: Int, of set: SampleSet) -> SampleSet {
    if count == 0 || count >= set.ids.count { return copy(set, label: nil).set }
    scratch.rank(set)
    var kept = 0
    for place in 0..<set.ids.count where scratch.ranks[place] < count {
      (scratch.ids[kept], scratch.weights[kept]) = (set.ids[place], set.weights[place])
      kept += 1
    }
    return SampleSet(ids: scratch.ids.slice(0, kept), weights: scratch.weights.slice(0, kept))
  }

  /// The teacher's probability of the label: what was recorded, else what the set says.
  func labelProbability(_ target: RowTarget, _ set: SampleSet) -> Double {
    if let recorded = target.scalars[.label] { return recorded }
    for place in 0..<set.ids.count where Int(set.ids[place]) == target.label {
      return Double(set.weights[place])
    }
    return 0
  }

  /// The teacher's mass on all ids outside of a set, without the rounding of its weights where it
  /// was recorded; 0 where there is no such id.
  func rest(_ target: RowTarget, _ set: SetEntries, size: Int) -> Double {
    set.count == size ? 0 : max(0, 1 - (target.scalars[.mass] ?? set.mass))
  }

  /// The teacher's `count` most probable ids with their probabilities, and that of the label.
  func truncated(_ target: RowTarget, _ count: Int, _ tau: Double) -> RowTarget {
    guard let teacher = target.teacher else { return target }
    let softmax = RowSoftmax(reading: teacher, temperature: tau, scratch: scratch)
    let found = scratch.largest(min(count, teacher.count), of: teacher)
    var own = RowTarget(label: target.label)
    own.scalars[.label] = target.label.map { exp(softmax.logProbability(teacher[$0])) }
    for place in 0..<found.ids.count {
      found.logits[place] = Float(exp(softmax.logProbability(found.logits[place])))
    }
    own.set = SampleSet(ids: found.ids, weights: found.logits)
    return own
  }
}
