internal import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxPipeline
internal import RefluxStorage
internal import RefluxTargets
internal import RefluxWorkers

/// What the rows of a step's batch learn from, and their losses: memory taken once, filled between
/// passes.
@safe
final class StepTargets: @unchecked Sendable {
  // Safe because: filled between passes by one thread; workers have logits of their own.
  private let loss: BatchLoss
  /// Of the second head; nil without one.
  private let second: BatchLoss?
  private let kind: TargetKind
  private let scalars: [TargetScalar]
  private let teacher: (any ForwardPass)?
  private let teacherLogits: [CommonLogits]
  /// Of each worker, in place of a teacher; none without a table.
  private let similar: [SimilarityRows]
  private let targets: BatchTargets
  private let setEntropy: SetEntropy?
  private let focus: StepFocus?
  private let window: Int
  private let scale: Float
  private let arena = Arena()
  /// Alpha where a window has none of its own.
  private var alpha: Double
  /// The sums over the batch, but for the loss.
  private(set) var sums = LossSums()

  init(
    _ pass: any GradientPass, _ configuration: TrainingConfiguration, sources: [FeedSource],
    teacher: (any ForwardPass)?
  ) throws(LossError) {
    let (windows, window) = (configuration.batch, configuration.window)
    let (rows, vocabulary) = (windows * window, pass.model.configuration.vocabularySize)
    let capacity = sources.compactMap(\.samples?.capacity).max() ?? 0
    (kind, self.teacher, self.window) = (configuration.kind, teacher, window)
    alpha = configuration.loss.distillation
    scalars = configuration.scalars(of: sources)
    setEntropy = configuration.objective.name == .rskd ? SetEntropy(sources) : nil
    let focus = configuration.focus.map { [arena] in
      StepFocus($0, rows: rows, window: window, arena: arena)
    }
    self.focus = focus
    let counted = windows * (focus?.rowsPerWindow ?? window)
    scale = 1 / Float(configuration.accumulation * counted)
    targets = Self.targets(
      rows: rows, capacity: kind.isOfSets ? capacity : nil, scalars, arena: arena)
    let (workers, share) = (pass.model.workers.count, pass.rowsPerShare)
    let hasSecond = configuration.objective.hasSecondHead
    loss = try BatchLoss(
      hasSecond ? ObjectiveChoice(.ce) : configuration.objective, kind: hasSecond ? .label : kind,
      options: configuration.loss, rows: rows,
      window: window, vocabularySize: vocabulary, workers: workers, rounding: Self.rounding(sources)
    )
    second =
      hasSecond
      ? try BatchLoss(
        configuration.objective, kind: .dense, rows: rows, window: window,
        vocabularySize: vocabulary, workers: workers) : nil
    let other = teacher?.model.configuration.vocabularySize ?? vocabulary
    let arena = arena
    teacherLogits = (0..<(teacher == nil ? 0 : workers)).map { _ in
      CommonLogits(rows: share, teacher: other, student: vocabulary, arena)
    }
    similar = (0..<workers).compactMap { _ in
      configuration.similarities.map {
        SimilarityRows($0, configuration.objective, rows: share, arena: arena)
      }
    }
  }

  private static func targets(
    rows: Int, capacity: Int?, _ scalars: [TargetScalar], arena: Arena
  ) -> BatchTargets {
    var targets = BatchTargets(
      labels: arena.take(rows), weights: arena.take(rows), alphas: arena.take(rows))
    targets.sets = capacity.map { capacity in
      SampleSets(
        offsets: arena.take(rows + 1), ids: arena.take(rows * capacity),
        weights: arena.take(rows * capacity))
    }
    for scalar in scalars { targets[scalar] = arena.take(rows) }
    return targets
  }

  private static func rounding(_ sources: [FeedSource]) -> MassRounding {
    let all = sources.compactMap(\.samples?.massRounding)
    return MassRounding(
      relative: all.map(\.relative).max() ?? 0, absolute: all.map(\.absolute).max() ?? 0)
  }

  /// Takes over a batch's targets; with an online teacher, runs it.
  ///
  /// - Parameter alpha: of this step, where a schedule says it.
  /// - Returns: the first row whose target is none of the objective's.
  func fill(
    from batch: borrowing Batch, alpha: Double?
  ) -> (row: Int, error: LossError)? {
    if let alpha { self.alpha = alpha }
    targets.labels.copy(from: batch.labels)
    for index in 0..<batch.alphas.count {
      targets.alphas?.slice(index * window, window).fill(batch.alphas[index])
    }
    fillWeights(batch)
    fillSets(batch)
    for scalar in scalars { targets[scalar]?.copy(from: batch.scalars(scalar)) }
    if let wrong = loss.check(targets) { return wrong }
    teacher?.run(batch.tokens, documents: batch.documents)
    return nil
  }

  /// Leaves the rows of the focus alone their weights, and adds up what all rows weigh.
  ///
  /// - Parameter pass: has run the batch forward.
  func weigh(_ pass: any GradientPass) {
    if let focus {
      pass.look { [loss] rows, logits, worker in
        loss.entropies(of: logits, into: focus.scores(of: rows), worker: worker)
      }
      focus.narrow(targets.weights)
    }
    sums = LossSums()
    for row in 0..<targets.weights.count { sums.weight += Double(targets.weights[row]) }
    addEntropy()
  }

  private func fillWeights(_ batch: borrowing Batch) {
    if batch.lossWeights.count > 0 { return targets.weights.copy(from: batch.lossWeights) }
    for index in 0..<batch.rowWeights.count {
      targets.weights.slice(index * window, window).fill(batch.rowWeights[index])
    }
  }

  private func fillSets(_ batch: borrowing Batch) {
    guard let sets = targets.sets else { return }
    sets.offsets.copy(from: batch.offsets)
    let used = 0..<Int(batch.offsets[batch.offsets.count - 1])
    sets.ids.copy(from: batch.ids.extracting(used))
    sets.weights.copy(from: batch.weights.extracting(used))
  }

  private func addEntropy() {
    guard let setEntropy, let sets = targets.sets else { return }
    var sum = 0.0
    for row in 0..<targets.weights.count where targets.weights[row] > 0 {
      let own = targets.alphas?[row] ?? .nan
      let share = own.isNaN ? alpha : Double(own)
      sum += Double(targets.weights[row]) * share * setEntropy.of(sets[row].weights)
    }
    sums.setEntropy = sum
  }

  /// Sum of the losses of `rows`; their logits become gradients of the step's mean loss.
  func loss(_ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int) -> Double {
    let target = second == nil ? self.target(rows, worker) : nil
    return loss.gradient(
      rows, logits: logits, teacher: target, targets, scale: scale, alpha: alpha, watches: true,
      worker: worker)
  }

  /// The same of the second head, from the teacher alone.
  func secondLoss(_ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int) -> Double {
    guard let second, let target = target(rows, worker) else { return 0 }
    // Ids that only the student has are no part of it.
    let common = teacher?.model.configuration.vocabularySize ?? 0
    for row in 0..<(common < logits.columns ? rows.count : 0) {
      let others = logits.columns - common
      target.row(row).slice(common, others).copy(from: logits.row(row).slice(common, others))
    }
    return second.gradient(
      rows, logits: logits, teacher: target, targets, scale: scale, worker: worker)
  }

  /// The teacher's logits of rows, or what stands for them.
  private func target(_ rows: Range<Int>, _ worker: Int) -> Matrix<Float>? {
    if let teacher {
      return teacherLogits[worker].rows(rows.count) {
        teacher.logits(rows, into: $0, worker: worker)
      }
    }
    if similar.isEmpty { return nil }
    return similar[worker].logits(rows.count) { row in
      // An ignored row has no label to speak of.
      let place = rows.lowerBound + row
      return targets.weights[place] > 0 ? Int(targets.labels[place]) : 0
    }
  }

  /// Adds what the last pass found out about the rows beside their losses.
  func watch() {
    guard kind.isOfSets else { return }
    let tally = loss.tally(targets)
    (sums.setRows, sums.agreement, sums.capped) = (tally.weight, tally.agreement, tally.capped)
    (sums.studentMass, sums.teacherMass) = (tally.studentMass, tally.teacherMass)
  }
}
