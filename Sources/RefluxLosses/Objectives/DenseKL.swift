public import RefluxMemory

/// Forward KL from a teacher's full softmax, given as logits: what an online teacher costs.
public enum DenseKL {
  /// L = sum_j t_j log(t_j / p_j) with t = softmax(teacher);  dL/dx_j = p_j - t_j.
  ///
  /// - Parameters:
  ///   - row: V student logits; holds `scale` dL/dx afterwards.
  ///   - teacher: V teacher logits; overwritten.
  ///   - scale: factor of the gradient, not of the returned loss.
  /// - Returns: L in nats; NaN when a logit is NaN or +infinity.
  ///
  /// Error of the loss: below 3e-6 (4 + |L|) and one rounding of the largest logit; of the
  /// gradient: below 5e-7 scale. sum t log t comes from the teacher's own pass, sum t x from one
  /// more reading of both rows.
  public static func gradient(
    _ row: View<Float>, teacher: View<Float>, scale: Float, scratch: LossScratch
  ) -> Float {
    precondition(row.count == teacher.count)
    let (rowFactors, teacherFactors) = (scratch.factors[0], scratch.factors[1])
    let target = RowSoftmax(exponentiating: teacher, moments: true, scratch: scratch)
    target.fill(teacherFactors, scale: -Double(scale), count: row.count, scratch: scratch)
    let negativeEntropy = target.mean - target.logSumExp
    let cross = target.mean(of: row, over: teacher, scratch: scratch)
    let student = RowSoftmax(exponentiating: row, scratch: scratch)
    student.fill(rowFactors, scale: Double(scale), count: row.count, scratch: scratch)
    let fromRow = RowSoftmax.Addend(values: row, factors: rowFactors)
    let fromTeacher = RowSoftmax.Addend(values: teacher, factors: teacherFactors)
    RowSoftmax.combine(
      [fromRow, fromTeacher, fromTeacher], count: 2, into: row, scratch: scratch)
    return Float(negativeEntropy - cross + student.logSumExp)
  }

  /// The same by its definition, in float64: the reference for the fast version.
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
