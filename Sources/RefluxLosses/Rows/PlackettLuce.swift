internal import RefluxMemory
internal import RefluxTargets

/// PLD along the chain o, the label and then the set by descending weight: with R_m the student's
/// mass of place m and all after it, outside included,
/// L = sum alpha_m (log R_m - log q_(o_m)), dL/dz at place m = q C_m - alpha_m with
/// C_m = sum_(l <= m) alpha_l / R_l, and q_j C_M outside of the chain.
extension RowLoss {
  /// The chain, at most `steps` places of it.
  func chain(_ target: RowTarget, steps: Int) -> SampleSet {
    guard let set = target.set, let label = target.label else {
      return SampleSet(ids: scratch.ids.slice(0, 0), weights: scratch.weights.slice(0, 0))
    }
    scratch.rank(set)
    let labelPlace = (0..<set.ids.count).first { Int(set.ids[$0]) == label }
    let labelRank = labelPlace.map { scratch.ranks[$0] } ?? UInt32(set.ids.count)
    (scratch.ids[0], scratch.weights[0]) = (UInt32(label), Float(labelProbability(target, set)))
    for place in 0..<set.ids.count where place != labelPlace {
      let rank = scratch.ranks[place]
      let slot = Int(rank < labelRank ? rank + 1 : rank)
      (scratch.ids[slot], scratch.weights[slot]) = (set.ids[place], set.weights[place])
    }
    let all = set.ids.count + (labelPlace == nil ? 1 : 0)
    let count = steps == 0 ? all : min(steps, all)
    return SampleSet(ids: scratch.ids.slice(0, count), weights: scratch.weights.slice(0, count))
  }

  func plackettLuce(_ set: SetEntries, _ student: Student) -> RowGradient {
    let (q, masses) = (scratch.slopes.slice(0, set.count), scratch.masses)
    _ = student.all.gradient(
      set.logits, set.weights, slope: 1, scale: 0, into: q, scratch.instructionSet)
    var after = student.outside.value
    for place in stride(from: set.count - 1, through: 0, by: -1) {
      after += Double(q[place])
      masses[place] = after
    }
    var (logs, slope) = (0.0, 0.0)
    for place in 0..<set.count {
      let alpha = Double(set.weights[place])
      if alpha > 0 {
        logs += alpha * log(masses[place])
        slope += alpha / masses[place]
      }
      q[place] = Float(Double(q[place]) * slope - alpha)
    }
    var own = RowGradient(q, student.all)
    own.loss = logs - set.cross / temperature + set.mass * student.all.logSumExp
    own.share = -1
    own.outside = slope * student.outside.value
    return own
  }
}
