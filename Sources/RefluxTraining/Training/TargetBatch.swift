internal import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxPipeline
internal import RefluxStorage
internal import RefluxTargets
internal import RefluxWorkers

/// The targets of one batch in the form the losses read, and the losses themselves.
///
/// One object per trainer, its memory taken once: labels, sample sets and, for an online teacher,
/// room for the logits of one share per worker.
@safe
final class TargetBatch: @unchecked Sendable {
  // Safe because: filled between passes by one thread; workers use their own scratch.
  private let kind: TargetKind
  private let remainder: Remainder
  private let teacher: (any ForwardPass)?
  private let labels: View<UInt32>
  private let offsets: View<Int32>
  private let ids: View<UInt32>
  private let weights: View<Float>
  /// What the loss of each row counts: 0 in a window that could not be read, and where the label
  /// is of another document.
  private let rowWeights: View<Float>
  /// The target's share in the loss of the windows that have none of their own; nil where the
  /// options say it.
  var distillation: Double?
  /// The target's share in the loss of each window; NaN where it has none of its own.
  private let alphas: View<Float>
  private let window: Int
  private let scratch: [LossScratch]
  /// The complete loss of each worker, where the options or the objective ask for more than the
  /// fast ones do.
  private let complete: [SoftmaxLoss]
  private let teacherLogits: [CommonLogits]
  /// The sum of the weights of the batch's rows.
  private(set) var weight = 0.0
  /// The sum of weight * share * entropy of the rows' sets; nil where sets are not draws.
  private(set) var entropy: Double?
  private let setEntropy: SetEntropy?
  /// The target's share where neither a schedule nor a store says it.
  private let share: Double
  private let scale: Float
  private let arena = Arena()
  /// Sets of the last batch that had no meaning for the loss, by their rows.
  let failures = FirstFailure<LossError>()

  init(
    _ pass: any GradientPass, _ configuration: TrainingConfiguration, sources: [FeedSource],
    teacher: (any ForwardPass)?
  ) throws(LossError) {
    let (objective, options) = (configuration.objective, configuration.loss)
    let (windows, window) = (configuration.batch, configuration.window)
    let (arena, vocabulary) = (arena, pass.model.configuration.vocabularySize)
    let (rows, capacity) = (windows * window, sources.compactMap(\.samples?.capacity).max() ?? 0)
    kind = configuration.kind
    remainder = objective.name.remainder ?? .dropped
    self.teacher = teacher
    share = options.distillation
    setEntropy = objective.name == .rskd ? SetEntropy(sources) : nil
    scale = 1 / Float(configuration.accumulation * rows)
    self.window = window
    rowWeights = arena.take(rows)
    alphas = arena.take(windows)
    labels = arena.take(rows)
    offsets = arena.take(rows + 1)
    ids = arena.take(rows * capacity)
    weights = arena.take(rows * capacity)
    scratch = (0..<pass.model.workers.count).map { _ in
      LossScratch(vocabularySize: vocabulary, arena: arena)
    }
    let needsComplete =
      options != LossOptions() || ![.dropped, .ghost].contains(remainder)
      || configuration.finalDistillation != nil || sources.contains { $0.alpha != nil }
    let roundings = sources.compactMap(\.samples?.massRounding)
    let rounding = MassRounding(
      relative: roundings.map(\.relative).max() ?? 0,
      absolute: roundings.map(\.absolute).max() ?? 0)
    complete = try (0..<(needsComplete ? pass.model.workers.count : 0)).map { _ throws(LossError) in
      try SoftmaxLoss(
        options: options, vocabularySize: vocabulary, arena: arena, rounding: rounding)
    }
    let other = teacher?.model.configuration.vocabularySize ?? vocabulary
    teacherLogits = (0..<(teacher == nil ? 0 : pass.model.workers.count)).map { _ in
      CommonLogits(rows: pass.rowsPerShare, teacher: other, student: vocabulary, arena)
    }
  }

  /// Takes over a batch's targets; with an online teacher, runs it.
  func fill(from batch: borrowing Batch) {
    labels.copy(from: batch.labels)
    alphas.copy(from: batch.alphas)
    fillWeights(batch)
    if kind.isOfSets {
      offsets.copy(from: batch.offsets)
      let used = 0..<Int(batch.offsets[batch.offsets.count - 1])
      ids.copy(from: batch.ids.extracting(used))
      weights.copy(from: batch.weights.extracting(used))
    }
    addEntropy()
    failures.reset()
    teacher?.run(batch.tokens, documents: batch.documents)
  }

  private func addEntropy() {
    guard let setEntropy else { return }
    var sum = 0.0
    for row in 0..<rowWeights.count where rowWeights[row] > 0 {
      let (own, set) = (alphas[row / window], set(row))
      let alpha = own.isNaN ? distillation ?? share : Double(own)
      sum +=
        Double(rowWeights[row]) * alpha
        * setEntropy.of(weights.slice(set.lowerBound, set.count))
    }
    entropy = sum
  }

  private func fillWeights(_ batch: borrowing Batch) {
    if batch.lossWeights.count > 0 {
      rowWeights.copy(from: batch.lossWeights)
    } else {
      for index in 0..<alphas.count {
        rowWeights.slice(index * window, window).fill(batch.rowWeights[index])
      }
    }
    weight = 0
    for row in 0..<rowWeights.count { weight += Double(rowWeights[row]) }
  }

  /// Sum of the losses of `rows`; their logits become gradients of the batch's mean loss.
  func loss(_ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int) -> Double {
    let target = teacherTarget(rows, worker)
    var total = 0.0
    for (index, row) in rows.enumerated() {
      if index + 1 < rows.count { prefetch(row + 1, logits.row(index + 1), scratch[worker]) }
      total += loss(row, logits.row(index), target?.row(index), worker)
    }
    return total
  }

  private func loss(
    _ row: Int, _ logits: View<Float>, _ teacher: View<Float>?, _ worker: Int
  ) -> Double {
    let weight = rowWeights[row]
    if weight == 0 {
      logits.fill(0)
      return 0
    }
    if !complete.isEmpty {
      return completeLoss(row, logits, teacher, Double(weight), complete[worker])
    }
    return Double(fastLoss(row, logits, teacher, weight, scratch[worker]))
  }

  // Apart from the complete loss and what it may throw.
  @inline(never)
  private func fastLoss(
    _ row: Int, _ logits: View<Float>, _ teacher: View<Float>?, _ weight: Float,
    _ scratch: LossScratch
  ) -> Float {
    let scale = scale * weight
    if let teacher {
      return weight
        * DenseKL.gradient(logits, teacher: teacher, scale: scale, scratch: scratch)
    }
    if !kind.isOfSets {
      return weight
        * CrossEntropy.gradient(
          logits, label: Int(labels[row]), scale: scale, scratch: scratch)
    }
    let set = set(row)
    let (ids, weights) = (
      ids.slice(set.lowerBound, set.count), weights.slice(set.lowerBound, set.count)
    )
    let loss =
      remainder == .ghost
      ? GhostKL.gradient(logits, ids: ids, weights: weights, scale: scale, scratch: scratch)
      : SparseKL.gradient(logits, ids: ids, weights: weights, scale: scale, scratch: scratch)
    return weight * loss
  }

  private func completeLoss(
    _ row: Int, _ logits: View<Float>, _ teacher: View<Float>?, _ weight: Double,
    _ loss: SoftmaxLoss
  ) -> Double {
    let alpha = alphas[row / window]
    do throws(LossError) {
      return try loss.gradient(
        logits, label: Int(labels[row]), target: target(row, teacher), weight: weight,
        distillation: alpha.isNaN ? distillation : Double(alpha), scale: Double(scale)
      ).loss
    } catch {
      failures.add(error, share: row)
      return .nan
    }
  }

  private func target(_ row: Int, _ teacher: View<Float>?) -> LossTarget {
    if let teacher { return .dense(teacher) }
    if !kind.isOfSets { return .label }
    let set = set(row)
    let (ids, weights) = (
      ids.slice(set.lowerBound, set.count), weights.slice(set.lowerBound, set.count)
    )
    sortByID(ids, weights)
    return .weighted(ids: ids, weights: weights, remainder)
  }

  private func prefetch(_ row: Int, _ logits: View<Float>, _ scratch: LossScratch) {
    if !kind.isOfSets { return }
    let set = set(row)
    SparseKL.prefetch(logits, ids: ids.slice(set.lowerBound, set.count), scratch: scratch)
  }

  /// Where a row's set lies.
  private func set(_ row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }

  private func teacherTarget(_ rows: Range<Int>, _ worker: Int) -> Matrix<Float>? {
    guard let teacher else { return nil }
    return teacherLogits[worker].rows(rows.count) {
      teacher.logits(rows, into: $0, worker: worker)
    }
  }
}
