internal import RefluxMemory
internal import RefluxTargets

extension RowLoss {
  /// The student's most probable ids with the teacher's probabilities of the same ranks: ULD is the
  /// total variation between them, twice.
  func studentOrder<Element: Scalar>(_ set: SampleSet, _ row: View<Element>) -> SampleSet {
    let count = set.ids.count
    let found = scratch.largest(count, of: row)
    scratch.rank(set)
    let byRank = scratch.weights.slice(0, count)
    for place in 0..<count { byRank[Int(scratch.ranks[place])] = set.weights[place] }
    scratch.rank(SampleSet(ids: found.ids, weights: found.logits))
    let own = scratch.slopes.slice(0, count)
    for place in 0..<count { own[place] = byRank[Int(scratch.ranks[place])] }
    byRank.copy(from: own)
    return SampleSet(ids: found.ids, weights: byRank)
  }
}
