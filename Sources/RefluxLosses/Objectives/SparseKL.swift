internal import CRows
public import RefluxMemory

/// Forward KL from a sparse target to the student's full softmax; never a dense target.
public enum SparseKL {
  /// L = sum_i t_i log(t_i / p_i) over the set's ids;  dL/dx_j = a p_j - t_j with a = sum t.
  ///
  /// The normaliser runs over the whole vocabulary, so ids outside the set are pushed down. With
  /// RS-KD counts over N rounds a = 1 and the gradient is unbiased; with a raw top-K set a < 1.
  ///
  /// - Parameters:
  ///   - row: V logits; holds `scale` dL/dx afterwards.
  ///   - ids: distinct ids below V; with `weights`, the target t. Weights of 0 are allowed.
  ///   - scale: factor of the gradient, not of the returned loss.
  /// - Returns: L in nats, the target's own entropy included; NaN when a logit is NaN or +infinity.
  ///
  /// Error as of ``CrossEntropy``. Cost over it: one logarithm, one exponential and two scattered
  /// accesses per id. Source: PAPER's gradient a p - t (Sparse Logit Sampling, ACL 2025, section
  /// 2).
  public static func gradient<Element: Scalar>(
    _ row: View<Element>, ids: View<UInt32>, weights: View<Float>, scale: Float,
    scratch: LossScratch
  ) -> Float {
    let set = SparseSet(ids: ids, weights: weights, row: row, scratch: scratch)
    let (mass, inner) = set.terms
    let softmax = RowSoftmax(exponentiating: row, scratch: scratch)
    let slope = Double(scale) * mass
    softmax.normalize(row, scale: slope, scratch: scratch)
    _ = set.gradient(softmax, slope: slope, scale: scale)
    set.write(to: row)
    return Float(inner + mass * softmax.logSumExp)
  }

  /// Lets the next pass ask memory for the logits of another row's set: where rows are not in the
  /// cache, call it for the next row before the gradient of this one, so that fetching
  /// overlaps with it.
  public static func prefetch<Element: Scalar>(
    _ row: View<Element>, ids: View<UInt32>, scratch: LossScratch
  ) {
    unsafe scratch.look(ahead: row.base, size: MemoryLayout<Element>.size, at: ids)
  }

  /// The same by its definition, in float64: the reference for the fast version.
  public static func reference(
    _ row: [Float], ids: [UInt32], weights: [Float]
  ) -> (loss: Double, gradient: [Double]) {
    let softmax = referenceSoftmax(row)
    let mass = weights.reduce(0) { $0 + Double($1) }
    var gradient = softmax.probabilities.map { $0 * mass }
    var loss = 0.0
    for (id, weight) in zip(ids, weights) where weight > 0 {
      gradient[Int(id)] -= Double(weight)
      loss += Double(weight) * (log(Double(weight)) - Double(row[Int(id)]) + softmax.logSumExp)
    }
    return (loss, gradient)
  }
}
