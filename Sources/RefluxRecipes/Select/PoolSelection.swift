internal import RefluxEvaluation
internal import RefluxLosses

/// Logits of candidates in, the numbers of those out that a teacher is least sure of, or that a
/// student is farthest from.
public struct PoolSelection: Sendable {
  /// What candidates are ranked by.
  public enum Score: String, Sendable, CaseIterable {
    /// The teacher's entropy at T = 1.
    case entropy
    /// The student's entropy at T = 1.
    case studentEntropy = "student-entropy"
    /// KL of the teacher to the student, both at T.
    case kl
  }

  /// What was selected.
  public struct Result: Equatable, Sendable {
    /// Candidates.
    public var rows: Int
    /// Numbers of the candidates that are kept, ascending by score, of equal scores by number.
    public var ids: [Int]
    /// Their scores in nats.
    public var scores: [Double]
  }

  /// The teacher's logits, [rows, V].
  public var pool: String
  /// The student's logits, [rows, V].
  public var student: String?
  /// What candidates are ranked by.
  public var score = Score.entropy
  /// T of ``Score/kl``.
  public var temperature = 4.0
  /// How many are kept.
  public var count: Int

  /// Nothing is opened before the recipe runs.
  public init(pool: String, count: Int) { (self.pool, self.count) = (pool, count) }

  /// Scores every row and keeps the highest.
  ///
  /// - Parameter observer: hears of rows.
  /// - Throws: `file`, `emptyFile` and `foreign` with the path of an array; `objective` where the
  ///   arrays do not fit each other or hold no logits; `selection`; `interrupted`.
  /// - Precondition: a student for all scores but ``Score/entropy``.
  /// - Complexity: one pass over the arrays; a row of each in memory, and 8 bytes for a candidate.
  public func run(_ observer: RunObserver = RunObserver()) throws(RecipeError) -> Result {
    let teacher = try NumberRows(path: pool, named: "teacher")
    let other = try student.map { path throws(RecipeError) in
      try NumberRows(path: path, named: "student")
    }
    if let other { try check(other, against: teacher) }
    if count > teacher.count {
      throw .selection(path: pool, .tooFew(teacher.count, picked: count))
    }
    var scores: [Double] = []
    for row in 0..<teacher.count {
      if observer.isInterrupted() { throw .interrupted }
      scores.append(try value(row, teacher, other))
      observer.advanced(1)
    }
    for rows in [teacher, other].compactMap({ $0 }) { try rows.checkWhole() }
    let ids = Ranking.highest(scores, count: count)
    return Result(rows: scores.count, ids: ids, scores: ids.map { scores[$0] })
  }

  private func check(_ student: NumberRows, against pool: NumberRows) throws(RecipeError) {
    if student.count != pool.count {
      throw .objective(
        path: pool.path, .rows(pool.count, of: "the pool", expected: student.count))
    }
    if score == .kl, student.width != pool.width {
      throw .objective(
        path: student.path, .columns(student.width, of: "the student", expected: pool.width))
    }
  }

  private func value(
    _ row: Int, _ pool: NumberRows, _ student: NumberRows?
  ) throws(RecipeError) -> Double {
    switch score {
    case .entropy: return ReferenceScores.entropy(try logits(row, of: pool, "the pool"))
    case .studentEntropy:
      return ReferenceScores.entropy(try logits(row, of: student, "the student"))
    case .kl:
      let value = ReferenceScores.divergence(
        teacher: try logits(row, of: pool, "the pool"),
        student: try logits(row, of: student, "the student"), temperature: temperature)
      if !value.isFinite { throw .selection(path: student?.path ?? pool.path, .infinite(row: row)) }
      return value
    }
  }

  private func logits(
    _ row: Int, of rows: NumberRows?, _ what: String
  ) throws(RecipeError) -> [Double] {
    guard let rows else { preconditionFailure("no array of \(what)") }
    let logits = try rows.row(row)
    if let column = logits.firstIndex(where: { $0.isNaN || $0 == .infinity }) {
      throw .objective(path: rows.path, .notFinite(row: row, column: column, of: what))
    }
    if !logits.contains(where: \.isFinite) {
      throw .objective(path: rows.path, .noProbability(row: row, of: what))
    }
    return logits
  }
}
