package import RefluxMemory

/// Room for rows of a teacher's logits, as a student sees them whose table is padded differently.
///
/// What the teacher has beyond the student's ids is left out, so that its softmax is over the ids
/// that both have; what the student has beyond the teacher's gets no probability.
package struct CommonLogits {
  private let matrix: Matrix<Float>
  private let teacher: Int
  private let student: Int

  /// Far below every logit, and a number: times its exponential it is nothing.
  private static let nothing: Float = -1e9

  /// - Parameters:
  ///   - rows: the most rows at a time.
  ///   - teacher: ids of the teacher's table.
  ///   - student: ids of the student's.
  package init(rows: Int, teacher: Int, student: Int, _ arena: Arena) {
    (self.teacher, self.student) = (teacher, student)
    matrix = arena.takeMatrix(rows, max(teacher, student))
  }

  /// Lets `make` write rows of the teacher's whole table.
  ///
  /// - Returns: the rows, as wide as the student's table.
  package func rows(_ count: Int, _ make: (_ logits: Matrix<Float>) -> Void) -> Matrix<Float> {
    let rows = matrix.rows(0, count)
    make(teacher == student ? rows : rows.columns(0, teacher))
    // Losses leave exponentials in a teacher's rows.
    for row in 0..<(teacher < student ? count : 0) {
      rows.row(row).slice(teacher, student - teacher).fill(Self.nothing)
    }
    return teacher == student ? rows : rows.columns(0, student)
  }
}
