internal import Foundation

/// Forward KL from a teacher's full softmax, given as logits: what an online teacher costs.
public enum DenseKL {
  /// L = sum_j t_j log(t_j / p_j) with t = softmax(teacher);  dL/dx_j = p_j - t_j.
  ///
  /// - Parameters:
  ///   - row: V student logits; holds `scale` dL/dx afterwards.
  ///   - teacher: V teacher logits; holds the teacher's probabilities afterwards.
  ///   - scale: factor of the gradient, not of the returned loss.
  /// - Returns: L in nats; NaN when a logit is NaN or +infinity.
  public static func gradient(
    _ row: View<Float>, teacher: View<Float>, scale: Float, scratch: LossScratch
  ) -> Float {
    precondition(row.count == teacher.count)
    let inner = crossTerm(row, teacher, scratch: scratch)
    let student = RowSoftmax(exponentiating: row, scratch: scratch)
    student.normalize(row, scale: Double(scale), scratch: scratch)
    subtract(teacher, scale: scale, from: row)
    return Float(inner + student.logSumExp)
  }

  /// sum_j t_j (log t_j - x_j), in float64 across blocks; `teacher` becomes t.
  private static func crossTerm(
    _ row: View<Float>, _ teacher: View<Float>, scratch: LossScratch
  ) -> Double {
    let logSumExp = Float(RowSoftmax(reading: teacher, scratch: scratch).logSumExp)
    var total = 0.0
    var start = 0
    while start < row.count {
      let count = min(RowSoftmax.block, row.count - start)
      total += Double(
        crossTerm(row.slice(start, count), teacher.slice(start, count), logSumExp))
      start += count
    }
    // The floor under log t passes over NaN: a teacher that is not finite must show all the same.
    return logSumExp.isNaN ? .nan : total
  }

  @inline(__always)
  private static func crossTerm(
    _ row: View<Float>, _ teacher: View<Float>, _ logSumExp: Float
  ) -> Float {
    let (shift, floor) = (Lanes(repeating: logSumExp), Lanes(repeating: -87))
    var total = Lanes()
    var index = 0
    while index + 16 <= row.count {
      let logarithm = maximum(teacher.load(index) - shift, floor)
      let t = exp(logarithm)
      total = multiplyAdd(t, logarithm - row.load(index), total)
      teacher.store(t, index)
      index += 16
    }
    var rest: Float = 0
    while index < row.count {
      let logarithm = max(teacher[index] - logSumExp, -87)
      teacher[index] = Foundation.exp(logarithm)
      rest += teacher[index] * (logarithm - row[index])
      index += 1
    }
    return sum(total) + rest
  }

  @inline(__always)
  private static func subtract(_ target: View<Float>, scale: Float, from row: View<Float>) {
    let factor = Lanes(repeating: -scale)
    var index = 0
    while index < row.count {
      let difference = multiplyAdd(target.load(index, fill: 0), factor, row.load(index, fill: 0))
      row.storeSome(difference, index)
      index += 16
    }
  }

  /// The same by the book, in float64: judges the fast version.
  public static func reference(
    _ row: [Float], teacher: [Float]
  ) -> (loss: Double, gradient: [Double]) {
    let (student, target) = (referenceSoftmax(row), referenceSoftmax(teacher))
    var loss = 0.0
    for index in row.indices where target.probabilities[index] > 0 {
      let logarithm = Double(teacher[index]) - target.logSumExp
      loss += target.probabilities[index] * (logarithm - Double(row[index]) + student.logSumExp)
    }
    return (loss, zip(student.probabilities, target.probabilities).map { $0 - $1 })
  }
}
