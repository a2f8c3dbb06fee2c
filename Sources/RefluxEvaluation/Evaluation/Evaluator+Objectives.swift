public import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxPipeline
public import RefluxStorage
internal import RefluxTargets

extension Evaluator {
  /// The most positions of ``values(of:on:samples:tables:limit:progress:)``.
  public static var objectivePositions: Int { 1024 }

  /// Values of objectives by the book, in float64, on the first whole windows of a store.
  ///
  /// Each learns from what it would be trained from: the sets, where they fit it, else the teacher.
  /// Objectives that take rows together leave out windows with positions that do not count.
  ///
  /// - Parameters:
  ///   - tables: the rows of the files that objectives name as `table`, by those names.
  ///   - limit: at most so many positions, but a window.
  ///   - progress: called with the windows done and in all; false stops early.
  /// - Throws: what ``run(_:samples:limit:progress:)`` throws; `objective` where sets do not fit.
  /// - Complexity: O(V log V) time for each position and objective; a window of logits in float64.
  public func values(
    of objectives: [ObjectiveChoice], on tokens: TokenStore, samples: SampleStore? = nil,
    tables: [String: [[Double]]] = [:], limit: Int = Evaluator.objectivePositions,
    progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> [ObjectiveValue] {
    var sums = try objectives.map { objective throws(EvaluationError) in
      try ObjectiveSum(
        objective, samples, hasTeacher: teacher != nil,
        table: objective.word("table").flatMap { tables[$0] } ?? [], window: feed.window)
    }
    var reading = feed
    reading.batch = 1
    reading.scalars = samples?.facts.scalars ?? []
    let reader = try windows(of: tokens, samples, reading, hasTail: false)
    let windows = min(reader.count, max(1, limit / feed.window))
    let rows = ObjectiveRows(self, samples)
    for window in 0..<windows {
      try reader.withBatch(of: window..<window + 1) { batch in
        let read = rows.read(batch)
        for index in sums.indices { try sums[index].add(read) }
      }
      if !progress(window + 1, windows) { break }
    }
    return sums.map(\.value)
  }
}

/// One objective's loss over the windows so far.
private struct ObjectiveSum {
  private let objective: ObjectiveChoice
  private let kind: TargetKind
  private let table: [[Double]]
  private let window: Int
  private var (loss, positions) = (0.0, 0)

  init(
    _ objective: ObjectiveChoice, _ samples: SampleStore?, hasTeacher: Bool, table: [[Double]],
    window: Int
  ) throws(EvaluationError) {
    (self.objective, self.table, self.window) = (objective, table, window)
    do throws(ObjectiveError) {
      kind = try objective.kind(sets: samples?.facts, hasTeacher: hasTeacher)
      try objective.check(window: window)
    } catch { throw .objective(error) }
  }

  var value: ObjectiveValue {
    let mean = positions > 0 ? loss / Double(positions) : .nan
    return ObjectiveValue(
      objective: objective, loss: mean.isFinite ? mean : nil, positions: positions)
  }

  mutating func add(_ rows: ObjectiveRows.Rows) throws(EvaluationError) {
    let count = rows.labels.count
    if count == 0 || objective.name.entry.grouping != .none && count < window { return }
    var input = ReferenceInput(
      student: rows.student, labels: rows.labels, target: rows.target(kind))
    input.table = table
    do throws(ObjectiveError) {
      loss += try LossReference.evaluate(objective, input).loss * Double(count)
    } catch {
      guard case .infinite = error else { throw .objective(error) }
      loss = .infinity
    }
    positions += count
  }
}

/// Reads windows as rows in float64.
private struct ObjectiveRows {
  /// The positions of a window that count.
  struct Rows {
    var student: [[Double]] = []
    var teacher: [[Double]] = []
    var labels: [Int] = []
    var sets: [ReferenceSet] = []
    var tau = 1.0

    func target(_ kind: TargetKind) -> ReferenceTarget {
      switch kind {
      case .label: .none
      case .sampled: .drawn(sets, tau: tau)
      case .topk: .top(sets)
      case .dense: .dense(teacher)
      }
    }
  }

  private let pass: any ForwardPass
  private let teacher: (any ForwardPass)?
  private let facts: SetFacts?
  private let logits: Matrix<Float>
  private let teacherLogits: CommonLogits?
  private let arena = Arena()

  init(_ evaluator: Evaluator, _ samples: SampleStore?) {
    (pass, teacher, facts) = (evaluator.pass, evaluator.teacher, samples?.facts)
    let (size, rows) = (pass.model.configuration.vocabularySize, pass.window)
    logits = arena.takeMatrix(rows, size)
    teacherLogits = evaluator.teacher.map { [arena] teacher in
      CommonLogits(
        rows: rows, teacher: teacher.model.configuration.vocabularySize, student: size, arena)
    }
  }

  func read(_ batch: borrowing Batch) -> Rows {
    let all = 0..<pass.window
    pass.run(batch.tokens, documents: batch.documents)
    pass.logits(all, into: logits, worker: 0)
    let taught = teacher.flatMap { teacher in
      teacher.run(batch.tokens, documents: batch.documents)
      return teacherLogits?.rows(all.count) { teacher.logits(all, into: $0, worker: 0) }
    }
    // Weights of draws from p^tau that are those of p are as good as draws from p.
    var rows = Rows(tau: facts.map { $0.isCorrected ? 1 : $0.tau } ?? 1)
    for row in all where batch.lossWeights.isEmpty || batch.lossWeights[row] > 0 {
      rows.labels.append(Int(batch.labels[row]))
      rows.student.append(numbers(logits.row(row)))
      if let taught { rows.teacher.append(numbers(taught.row(row))) }
      if let facts { rows.sets.append(set(batch, row, facts)) }
    }
    return rows
  }

  private func numbers(_ row: View<Float>) -> [Double] {
    (0..<row.count).map { Double(row[$0]) }
  }

  /// A set; what rounding put above 1 is taken off.
  private func set(_ batch: borrowing Batch, _ row: Int, _ facts: SetFacts) -> ReferenceSet {
    let places = Int(batch.offsets[row])..<Int(batch.offsets[row + 1])
    var (ids, weights): ([Int], [Double]) = ([], [])
    for place in places {
      ids.append(Int(batch.ids[place]))
      weights.append(Double(batch.weights[place]))
    }
    let mass = weights.reduce(0, +)
    if facts.kind == .topk, mass > 1 { weights = weights.map { $0 / mass } }
    var scalars: [TargetScalar: Double] = [:]
    for scalar in facts.scalars { scalars[scalar] = Double(batch.scalars(scalar)[row]) }
    return ReferenceSet(ids: ids, weights: weights, scalars: scalars)
  }
}
