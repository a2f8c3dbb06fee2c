internal import CRows
public import RefluxMemory

/// Forward KL from a sparse target whose remaining mass is one bucket: the ghost token.
public enum GhostKL {
  /// L = sum_K t log(t / p) + (1 - a) log((1 - a) / (1 - b)) with a = sum_K t, b = sum_K p.
  ///
  /// dL/dx_j = p_j - t_j for j in K, and p_j (a - b) / (1 - b) elsewhere. Nothing is ever taken as
  /// 1 - b: with the set's logits masked, the pass gives q, the softmax of all other ids, and
  /// log(1 - b) = log sum_(not K) e^x - log sum e^x; elsewhere the gradient is (a - b) q_j. So it
  /// is as exact where the set holds all of the student's mass as anywhere.
  ///
  /// - Parameters:
  ///   - row: V logits; holds `scale` dL/dx afterwards.
  ///   - ids: distinct ids below V; with `weights`, the target t. With a sum a above 1 nothing is
  ///     left for the others: dL/dx_j = a p_j - t_j.
  ///   - scale: factor of the gradient, not of the returned loss.
  /// - Returns: L in nats; NaN when a logit is NaN or +infinity.
  ///
  /// Error as of ``CrossEntropy``.
  public static func gradient<Element: Scalar>(
    _ row: View<Element>, ids: View<UInt32>, weights: View<Float>, scale: Float,
    scratch: LossScratch
  ) -> Float {
    let set = SparseSet(ids: ids, weights: weights, row: row, scratch: scratch)
    let (mass, inner) = set.terms
    set.mask(row)
    let others = RowSoftmax(exponentiating: row, scratch: scratch)
    let all = set.joined(to: others)
    let slope = Double(scale) * max(mass, 1)
    let studentMass = set.gradient(all, slope: slope, scale: scale)
    let outside = mass < 1 ? Double(scale) * (mass - studentMass) : slope * (1 - studentMass)
    others.normalize(row, scale: outside, scratch: scratch)
    set.write(to: row)
    let left = 1 - mass
    let bucket = left > 0 ? left * (log(left) - others.logSumExp + all.logSumExp) : 0
    return Float(inner + mass * all.logSumExp + bucket)
  }

  /// The same by its definition, in float64: the reference for the fast version.
  public static func reference(
    _ row: [Float], ids: [UInt32], weights: [Float]
  ) -> (loss: Double, gradient: [Double]) {
    let softmax = referenceSoftmax(row)
    let kept = Set(ids)
    let others = row.indices.filter { !kept.contains(UInt32($0)) }
    let mass = weights.reduce(0) { $0 + Double($1) }
    let left = max(0, 1 - mass)
    let rest = others.reduce(0) { $0 + softmax.probabilities[$1] }
    var gradient = softmax.probabilities.map { $0 * max(mass, 1) }
    for other in others where left > 0 { gradient[other] *= 1 - left / rest }
    var loss = left > 0 ? left * log(left / rest) : 0
    for (id, weight) in zip(ids, weights) where weight > 0 {
      gradient[Int(id)] -= Double(weight)
      loss += Double(weight) * (log(Double(weight)) - Double(row[Int(id)]) + softmax.logSumExp)
    }
    return (loss, gradient)
  }
}
