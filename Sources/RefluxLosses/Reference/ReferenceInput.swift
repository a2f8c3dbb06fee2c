internal import RefluxTargets

/// What objectives are computed from.
public struct ReferenceInput: Sendable {
  /// The student's logits, rows x V; for `llp` scores between 0 and 1.
  public var student: [[Double]]
  /// The label of each row.
  public var labels: [Int]?
  /// What else the rows learn from.
  public var target: ReferenceTarget
  /// For `kd-sim`: a row for every id.
  public var table: [[Double]] = []
  /// For `kd-rel`: the group of every id.
  public var groups: [Int] = []

  /// Nothing is checked before an objective is computed.
  public init(
    student: [[Double]], labels: [Int]? = nil, target: ReferenceTarget = .none
  ) {
    (self.student, self.labels, self.target) = (student, labels, target)
  }

  /// The size of the student's vocabulary.
  var size: Int { student.first?.count ?? 0 }

  /// The rows with what is known of each.
  func rows(of objective: ObjectiveChoice) -> [ReferenceRow] {
    student.indices.map { row in
      var teacher: [Double]?
      if case .dense(let logits) = target { teacher = logits[row] }
      return ReferenceRow(
        index: row, logits: student[row], label: labels?[row], teacher: teacher,
        set: target.sets?[row],
        isDrawn: target.kind == .sampled, temperature: objective.temperature)
    }
  }
}
