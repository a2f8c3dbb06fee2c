internal import RefluxTargets

/// What objectives are computed from.
public struct ReferenceInput: Sendable {
  /// The student's logits, rows x V; for `llp` scores between 0 and 1.
  public var student: [[Double]]
  /// The label of each row; -1 and -100 are those of rows that do not count.
  public var labels: [Int]?
  /// What each row counts; nil counts all alike.
  public var weights: [Double]?
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

  /// Labels of rows without a loss: -1, and -100 as PyTorch has it.
  public static let ignoredLabels: Set<Int> = [-1, -100]

  /// What a row counts: 0 with a label that is ignored.
  private func weight(of row: Int) -> Double {
    Self.ignoredLabels.contains(labels?[row] ?? 0) ? 0 : weights?[row] ?? 1
  }

  /// The rows that count, ascending.
  public var counted: [Int] { student.indices.filter { weight(of: $0) > 0 } }

  /// The weights of the rows that count.
  public var countedWeights: [Double] { student.indices.map { weight(of: $0) }.filter { $0 > 0 } }

  /// Some rows, or all, with what is known of each.
  func rows(of objective: ObjectiveChoice, _ places: [Int]? = nil) -> [ReferenceRow] {
    (places ?? Array(student.indices)).map { row in
      var teacher: [Double]?
      if case .dense(let logits) = target { teacher = logits[row] }
      return ReferenceRow(
        index: row, logits: student[row], label: labels?[row], teacher: teacher,
        set: target.sets?[row],
        isDrawn: target.kind == .sampled, temperature: objective.temperature)
    }
  }
}
