public import RefluxMemory
public import RefluxTargets

/// Losses and gradients of the rows of a batch for one objective, whatever share of the rows a
/// worker has: results do not depend on the shares.
///
/// One convention for all objectives: a row counts its weight w, an ignored one 0; the loss of a
/// batch is sum w L / sum w, of which `scale` is the factor that the caller chooses.
public final class BatchLoss: Sendable {
  /// The objective with all its options.
  public let objective: ObjectiveChoice
  /// What the rows learn from.
  public let kind: TargetKind
  /// Rows that must come together, from a multiple of it on: those of a group; 1 where rows stand
  /// for themselves.
  public let rowsTogether: Int
  private let losses: [RowLoss]
  private let groups: [GroupLoss]
  private let options: LossOptions
  private let vocabularySize: Int
  private let rounding: MassRounding
  private let results: View<RowResult>
  private let arena = Arena()

  /// Takes the memory of ``RowLoss`` for each worker; where rows stand together 4 bytes more for
  /// each logit of a group.
  ///
  /// - Parameters:
  ///   - rows: the most rows of a batch.
  ///   - window: rows of a window, a multiple of the objective's group.
  ///   - rounding: how far the mass of a set may exceed 1 where the rest goes elsewhere.
  /// - Throws: what ``RowLoss`` throws.
  public init(
    _ choice: ObjectiveChoice, kind: TargetKind, options: LossOptions = LossOptions(),
    rows: Int, window: Int, vocabularySize: Int, workers: Int,
    rounding: MassRounding = MassRounding()
  ) throws(LossError) {
    try options.validate()
    (objective, self.kind, self.rounding) = (choice, kind, rounding)
    self.options = options
    self.vocabularySize = vocabularySize
    let arena = arena
    let own = choice.name.entry.kinds.contains(kind) ? GroupObjective(choice, kind) : nil
    let together = own == nil ? 1 : choice.rowsTogether(window: window)
    rowsTogether = together
    groups = (0..<(own == nil ? 0 : workers)).compactMap { _ in
      own.map {
        GroupLoss(
          $0, rows: together, temperature: options.temperature(of: choice), options: options,
          vocabularySize: vocabularySize, arena: arena, instructionSet: .best)
      }
    }
    losses = try (0..<(own == nil ? workers : 0)).map { _ throws(LossError) in
      try RowLoss(
        choice, kind: kind, options: options, vocabularySize: vocabularySize, arena: arena)
    }
    results = arena.take(rows)
  }

  /// Checks the rows that count; reads only, so that a bad target is found before any gradient.
  ///
  /// - Returns: the first row that is wrong.
  public func check(_ targets: BatchTargets) -> (row: Int, error: LossError)? {
    for row in 0..<targets.weights.count where targets.weights[row] > 0 {
      do throws(LossError) {
        try check(targets.row(row, teacher: nil))
      } catch { return (row, error) }
    }
    return nil
  }

  private func check(_ target: RowTarget) throws(LossError) {
    if kind == .dense { return }
    try target.check(
      kind, vocabularySize: vocabularySize, usesRest: losses.first?.objective.usesRest ?? true,
      rounding: rounding)
    try losses.first?.objective.check(target, vocabularySize: vocabularySize)
  }

  /// Loss and gradient of some rows, in place; after ``check(_:)``.
  ///
  /// - Parameters:
  ///   - rows: rows of the batch.
  ///   - logits: theirs, rows.count x V; become gradients.
  ///   - teacher: the teacher's logits of these rows; overwritten.
  ///   - scale: factor of the gradients: 1 / sum w for those of the batch's mean loss.
  ///   - alpha: of rows without one of their own; nil takes the options'.
  ///   - watches: whether ``tally(_:)`` will be asked for.
  /// - Returns: sum w L, added up in the order of the rows.
  public func gradient(
    _ rows: Range<Int>, logits: Matrix<Float>, teacher: Matrix<Float>? = nil,
    _ targets: BatchTargets, scale: Float, alpha: Double? = nil, watches: Bool = false,
    worker: Int
  ) -> Double {
    if rowsTogether > 1 || losses.isEmpty {
      return together(
        rows, logits, teacher, targets, scale: Double(scale), alpha: alpha,
        groups[worker])
    }
    let loss = losses[worker]
    var total = 0.0
    for (index, row) in rows.enumerated() {
      if index + 1 < rows.count { prefetch(row + 1, logits.row(index + 1), targets, loss) }
      let result = loss.gradient(
        logits.row(index), targets.row(row, teacher: teacher?.row(index)),
        alpha: targets.alpha(row) ?? alpha, weight: Double(targets.weights[row]),
        scale: Double(scale), watches: watches)
      if watches { results[row] = result }
      total += result.loss
    }
    return total
  }

  private func together(
    _ rows: Range<Int>, _ logits: Matrix<Float>, _ teacher: Matrix<Float>?,
    _ targets: BatchTargets, scale: Double, alpha: Double?, _ loss: GroupLoss
  ) -> Double {
    precondition(
      rows.lowerBound.isMultiple(of: rowsTogether) && rows.count.isMultiple(of: rowsTogether),
      "whole groups of rows")
    var total = 0.0
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: rowsTogether) {
      var members: [GroupMember] = []
      for row in start..<start + rowsTogether {
        let index = row - rows.lowerBound
        if targets.weights[row] == 0 {
          logits.row(index).fill(0)
          continue
        }
        members.append(
          GroupMember(
            logits: logits.row(index), target: targets.row(row, teacher: teacher?.row(index)),
            weight: Double(targets.weights[row]),
            alpha: targets.alpha(row) ?? alpha ?? options.distillation))
      }
      total += loss.gradient(members, scale: scale)
    }
    return total
  }

  /// H(q) of some rows, with q = softmax(z) of logits within the options' cap.
  ///
  /// Error: 2e-6 (1 + H). A row that is not finite has none that is a number.
  ///
  /// - Parameters:
  ///   - logits: rows x V; overwritten.
  ///   - entropies: becomes the rows' entropies in nats.
  /// - Complexity: one pass over each row.
  public func entropies(of logits: Matrix<Float>, into entropies: View<Float>, worker: Int) {
    let scratch = losses.isEmpty ? groups[worker].scratch : losses[worker].scratch
    for row in 0..<logits.rows {
      let logits = logits.row(row)
      if let cap = options.softcap { scratch.cap(logits, Float(cap)) }
      let softmax = RowSoftmax(exponentiating: logits, moments: true, scratch: scratch)
      entropies[row] = Float(softmax.entropy)
    }
  }

  private func prefetch(
    _ row: Int, _ logits: View<Float>, _ targets: BatchTargets, _ loss: RowLoss
  ) {
    if let set = targets.sets?[row] { loss.prefetch(logits, set) }
  }

  /// What the rows of the last batch that was watched have beside their losses, each times its
  /// weight.
  public func tally(_ targets: BatchTargets) -> LossTally {
    var tally = LossTally()
    for row in 0..<targets.weights.count where targets.weights[row] > 0 {
      tally.add(results[row], weight: Double(targets.weights[row]))
    }
    return tally
  }
}

/// Sums over rows, each times the row's weight: early signs of targets that do not fit the tokens.
public struct LossTally: Sendable, Equatable {
  /// sum w.
  public var weight = 0.0
  /// The teacher's and the student's mass on the ids of the sets.
  public var teacherMass = 0.0
  public var studentMass = 0.0
  /// Of the rows whose most probable id is the same on both sides.
  public var agreement = 0.0
  /// Of the rows whose target a bound of the objective changed.
  public var capped = 0.0

  /// Nothing yet.
  public init() {}

  mutating func add(_ row: RowResult, weight: Double) {
    self.weight += weight
    teacherMass += weight * row.teacherMass
    studentMass += weight * row.studentMass
    agreement += row.agrees ? weight : 0
    capped += row.isCapped ? weight : 0
  }
}
