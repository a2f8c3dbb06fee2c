internal import RefluxMemory
internal import RefluxTargets

/// Divergences over the ids of a set and one rest: t_R = 1 - S, q_R the student's mass outside.
///
/// With g_j = df/dq_j and gbar = sum q_i g_i + q_R g_R: dL/dz_i = q_i (g_i - gbar) on the set and
/// q_j (g_R - gbar) outside. q_R comes from the softmax of a row whose set was masked.
extension RowLoss {
  func gradient(
    of divergence: Divergence, _ set: SetEntries, rest: Double?, _ student: Student
  ) -> RowGradient {
    let slopes = scratch.slopes.slice(0, set.count)
    let probabilities = scratch.weights.slice(0, set.count)
    // The set's own are there already where it is a copy.
    probabilities.copy(from: set.weights)
    _ = student.all.gradient(
      set.logits, set.weights, slope: 1, scale: 0, into: slopes, scratch.instructionSet)
    let sums = divergence.apply(student: slopes, teacher: probabilities, scratch: scratch)
    let outside = student.outside
    let one =
      rest.map { divergence.reference.term(ReferenceShare($0), outside) } ?? (loss: 0, slope: 0)
    var own = RowGradient(slopes, student.all)
    let mean = sums.slope + one.slope
    own.loss = sums.loss + one.loss
    own.share = -1
    own.inside = -mean
    own.outside = one.slope - mean * outside.value
    return own
  }

  /// Reverse KL, or the sum of both KL.
  func bothWays(
    _ set: SetEntries, rest: Double, _ student: Student, addsForward: Bool
  ) -> RowGradient {
    let divergence = Divergence(addsForward ? .mixed(0.5) : .reverse)
    var own = gradient(of: divergence, set, rest: rest, student)
    if addsForward { own.scale(by: 2) }
    return own
  }

  /// Forward KL of t = w^gamma / U and its rest: never a logarithm of the rest's difference.
  func ghost(
    _ set: SetEntries, _ target: RowTarget, gamma: Double, _ student: Student, size: Int
  ) -> RowGradient {
    // The mass that was recorded is that of p, not of p^gamma.
    let left = rest(gamma == 1 ? target : RowTarget(), set, size: size)
    var own = RowGradient(set.weights, student.all)
    own.inside = set.mass + left
    own.outside = own.inside * student.outside.value - left
    let (others, all) = (student.others.logSumExp, student.all.logSumExp)
    let bucket = left > 0 ? left * (log(left) - others + all) : 0
    own.loss = set.terms(temperature: temperature) + set.mass * all + bucket
    return own
  }

  /// w^gamma / U in place of the weights.
  func tempered(_ set: SampleSet, gamma: Double, power: Double) -> SampleSet {
    let own = copy(set, label: nil).set
    scratch.raise(own.weights, to: Float(gamma), times: Float(1 / power))
    return own
  }

  /// AKL: w FKL + (1 - w) RKL, w the share of the head in sum |t - q|, held constant.
  func adaptive(
    _ set: SetEntries, _ target: RowTarget, mu: Double, _ student: Student, size: Int
  ) -> RowGradient {
    let rest = rest(target, set, size: size)
    let q = scratch.slopes.slice(0, set.count)
    _ = student.all.gradient(
      set.logits, set.weights, slope: 1, scale: 0, into: q, scratch.instructionSet)
    scratch.rank(SampleSet(ids: set.ids, weights: set.weights))
    let order = scratch.ids
    for place in 0..<set.count { order[Int(scratch.ranks[place])] = UInt32(place) }
    var (mass, head, all) = (0.0, 0.0, abs(rest - student.outside.value))
    var isHead = true
    for rank in 0..<set.count {
      let place = Int(order[rank])
      let (t, gap) = (Double(set.weights[place]), Double(abs(set.weights[place] - q[place])))
      mass += t
      isHead = isHead && (rank == 0 || mass <= mu)
      if isHead { head += gap }
      all += gap
    }
    let share = all == 0 ? 0.5 : head / all
    return gradient(of: Divergence(.mixed(share)), set, rest: rest, student)
  }
}
