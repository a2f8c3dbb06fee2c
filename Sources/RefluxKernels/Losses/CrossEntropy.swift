internal import Foundation

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
  /// Error of the loss: below 2e-6 (1 + |L|); of the gradient: below 4e-7 scale. No allocation.
  public static func gradient(
    _ row: View<Float>, label: Int, scale: Float, scratch: LossScratch
  ) -> Float {
    let logit = row[label]
    let softmax = SoftmaxGradient(exponentiating: row, maxima: scratch.maxima)
    softmax.normalize(row, maxima: scratch.maxima, scale: scale)
    row[label] -= scale
    return softmax.logSumExp - logit
  }

  /// The same by the book, in float64: judges the fast version.
  public static func reference(_ row: [Float], label: Int) -> (loss: Double, gradient: [Double]) {
    let softmax = referenceSoftmax(row)
    var gradient = softmax.probabilities
    gradient[label] -= 1
    return (softmax.logSumExp - Double(row[label]), gradient)
  }
}

/// log sum e^x and softmax of a row in float64, by the book.
func referenceSoftmax(_ row: [Float]) -> (logSumExp: Double, probabilities: [Double]) {
  let high = Double(row.max() ?? 0)
  let exponentials = row.map { Foundation.exp(Double($0) - high) }
  let total = exponentials.reduce(0, +)
  return (high + log(total), exponentials.map { $0 / total })
}
