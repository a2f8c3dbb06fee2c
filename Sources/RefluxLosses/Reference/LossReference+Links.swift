internal import RefluxMemory

extension LossReference {
  /// LLP of a row of scores: what ``scores(_:)`` and ``ranks(_:margin:)`` give together.
  static func links(_ row: ReferenceRow, margin: Double) -> RowResult {
    let (one, other) = (scores(row), ranks(row, margin: margin))
    return (one.loss + other.loss, ReferencePairs(one.gradient, other.gradient).map { $0 + $1 })
  }

  /// KL(softmax(y') || softmax(y)).
  static func scores(_ row: ReferenceRow) -> RowResult {
    forward(row.probabilities, row)
  }

  /// The mean over pairs i < j of max(0, -r (y_i - y_j) + margin): r is 1 or -1 by the teacher's
  /// order, 0 within the margin, where a pair adds the margin and no gradient.
  static func ranks(_ row: ReferenceRow, margin: Double) -> RowResult {
    let (student, teacher) = (row.logits, row.teacher ?? [])
    var (loss, gradient) = (0.0, [Double](repeating: 0, count: student.count))
    for j in student.indices {
      for i in 0..<j {
        let r =
          teacher[i] > teacher[j] + margin ? 1.0 : teacher[i] < teacher[j] - margin ? -1.0 : 0
        let value = -r * (student[i] - student[j]) + margin
        loss += max(0, value)
        if value > 0 {
          gradient[i] -= r
          gradient[j] += r
        }
      }
    }
    let pairs = Double(max(1, student.count * (student.count - 1) / 2))
    return (loss / pairs, gradient.map { $0 / pairs })
  }

  /// The parts of `llp`, each row with its weight.
  ///
  /// - Parameters:
  ///   - edges: scores of links that are known, between 0 and 1.
  ///   - labels: 1 for a link, 0 for none; as many.
  /// - Throws: ``ObjectiveError`` as ``evaluate(_:_:)``.
  public static func links(
    _ objective: ObjectiveChoice, _ input: ReferenceInput, edges: [Double]? = nil,
    labels: [Int]? = nil
  ) throws(ObjectiveError) -> ReferenceLinks {
    try input.check(objective)
    let (counted, weights) = (input.counted, input.countedWeights)
    let margin = objective.number("margin")
    var (scores, ranks) = (0.0, 0.0)
    for (row, weight) in zip(input.rows(of: objective, counted), weights) {
      scores += weight * self.scores(row).loss
      ranks += weight * self.ranks(row, margin: margin).loss
    }
    let sum = weights.reduce(0, +)
    return ReferenceLinks(
      scores: scores / sum, ranks: ranks / sum,
      edges: try edges.map { edges throws(ObjectiveError) in
        try crossEntropy(edges: edges, labels: labels ?? [])
      })
  }

  /// -mean (y log s + (1 - y) log(1 - s)).
  private static func crossEntropy(
    edges: [Double], labels: [Int]
  ) throws(ObjectiveError) -> Double {
    if labels.count != edges.count {
      throw .columns(labels.count, of: "the labels of edges", expected: edges.count)
    }
    var sum = 0.0
    for (place, (score, label)) in zip(edges, labels).enumerated() {
      if score <= 0 || score >= 1 || score.isNaN {
        throw .score(score, row: place, of: "the edges")
      }
      if !(0...1).contains(label) { throw .label(label, row: place, vocabularySize: 2) }
      sum -= label == 1 ? log(score) : log1p(-score)
    }
    return sum / Double(max(1, edges.count))
  }
}

extension ReferenceRow {
  /// A row of scores of links.
  static func links(_ student: [Double], _ teacher: [Double]) -> ReferenceRow {
    precondition(student.count == teacher.count, "rows of different lengths")
    return ReferenceRow(
      index: 0, logits: student, label: nil, teacher: teacher, set: nil, isDrawn: false,
      temperature: 1)
  }
}
