public import RefluxMemory

/// Cross-entropy with one label and its gradient: logits in, gradient out, in place.
public enum CrossEntropy {
  /// L = log sum_j e^(x_j) - x_y;  dL/dx_j = p_j - [j = y].
  ///
  /// - Parameters:
  ///   - row: V logits; holds `scale` dL/dx afterwards.
  ///   - label: y, below V.
  ///   - scale: factor of the gradient (1 / rows for a mean), not of the returned loss.
  /// - Returns: L in nats; NaN when a logit is NaN or +infinity.
  ///
  /// Error of the loss: below 2e-6 (1 + |L|) (bfloat16: 4e-6); of the gradient: below 4e-7 scale
  /// (bfloat16: 1 ulp and 3e-6 scale). No allocation.
  public static func gradient<Element: Scalar>(
    _ row: View<Element>, label: Int, scale: Float, scratch: LossScratch
  ) -> Float {
    let logit = row[label].float
    let softmax = RowSoftmax(exponentiating: row, scratch: scratch)
    softmax.normalize(row, scale: Double(scale), scratch: scratch)
    let loss = -softmax.logProbability(logit)
    // From the loss, not from p_y: that is rounded to the row's format already.
    row[label] = Element(rounding: Float(Double(scale) * expm1(-loss)))
    return Float(loss)
  }

  /// The same by its definition, in float64: the reference for the fast version.
  public static func reference(_ row: [Float], label: Int) -> (loss: Double, gradient: [Double]) {
    let softmax = referenceSoftmax(row)
    var gradient = softmax.probabilities
    gradient[label] -= 1
    return (softmax.logSumExp - Double(row[label]), gradient)
  }
}

/// log sum e^x and softmax of a row in float64, by its definition.
func referenceSoftmax(
  _ row: [Float], temperature: Double = 1
) -> (logSumExp: Double, probabilities: [Double]) {
  referenceSoftmax(row.map { Double($0) / temperature })
}

func referenceSoftmax(_ row: [Double]) -> (logSumExp: Double, probabilities: [Double]) {
  let high = row.max() ?? 0
  let exponentials = row.map { exp($0 - high) }
  let total = exponentials.reduce(0, +)
  return (high + log(total), exponentials.map { $0 / total })
}
