internal import RefluxKernels
internal import RefluxModel
internal import RefluxPipeline

/// The targets of one batch in the form the losses read, and the losses themselves.
///
/// One object per trainer, its memory taken once: labels, sample sets and, for an online teacher,
/// room for the logits of one share per worker.
@safe
final class TargetBatch<Element: Scalar>: @unchecked Sendable {
  // Safe because: filled between passes by one thread; workers use their own scratch.
  private let objective: Objective
  private let teacher: InferencePass<Element>?
  private let labels: View<UInt32>
  private let offsets: View<Int32>
  private let ids: View<UInt32>
  private let weights: View<Float>
  private let scratch: [LossScratch]
  private let teacherLogits: [Matrix<Float>]
  private var teacherHidden: Matrix<Element>?
  private let scale: Float
  private let arena = Arena()

  init(
    _ decoder: Decoder<Element>, objective: Objective, rows: Int, capacity: Int,
    teacher: InferencePass<Element>?
  ) {
    let (arena, vocabulary) = (arena, decoder.configuration.vocabularySize)
    self.objective = objective
    self.teacher = teacher
    scale = 1 / Float(rows)
    labels = arena.take(rows)
    offsets = arena.take(rows + 1)
    ids = arena.take(rows * capacity)
    weights = arena.take(rows * capacity)
    scratch = (0..<decoder.workers.count).map { _ in
      LossScratch(vocabularySize: vocabulary, arena: arena)
    }
    teacherLogits = (0..<(teacher == nil ? 0 : decoder.workers.count)).map { _ in
      arena.takeMatrix(
        min(rows, LinearLoss<Element>.rowsPerShare(vocabularySize: vocabulary)), vocabulary)
    }
  }

  /// Takes over a batch's targets; with an online teacher, runs it.
  func fill(from batch: Batch) {
    labels.copy(from: batch.labels)
    if objective.needsSamples {
      offsets.copy(from: batch.offsets)
      let used = 0..<Int(batch.offsets[batch.offsets.count - 1])
      ids.copy(from: batch.ids.extracting(used))
      weights.copy(from: batch.weights.extracting(used))
    }
    teacherHidden = teacher?.hidden(batch.tokens)
  }

  /// Sum of the losses of `rows`; their logits become gradients of the batch's mean loss.
  func loss(_ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int) -> Double {
    let target = teacherTarget(rows, worker)
    var total = 0.0
    for (index, row) in rows.enumerated() {
      if index + 1 < rows.count { prefetch(row + 1, logits.row(index + 1), scratch[worker]) }
      total += Double(loss(row, logits.row(index), target?.row(index), scratch[worker]))
    }
    return total
  }

  private func loss(
    _ row: Int, _ logits: View<Float>, _ teacher: View<Float>?, _ scratch: LossScratch
  ) -> Float {
    if let teacher {
      return DenseKL.gradient(logits, teacher: teacher, scale: scale, scratch: scratch)
    }
    if !objective.needsSamples {
      return CrossEntropy.gradient(
        logits, label: Int(labels[row]), scale: scale, scratch: scratch)
    }
    let set = set(row)
    return SparseKL.gradient(
      logits, ids: ids.slice(set.lowerBound, set.count),
      weights: weights.slice(set.lowerBound, set.count), scale: scale, scratch: scratch)
  }

  private func prefetch(_ row: Int, _ logits: View<Float>, _ scratch: LossScratch) {
    if !objective.needsSamples { return }
    let set = set(row)
    SparseKL.prefetch(logits, ids: ids.slice(set.lowerBound, set.count), scratch: scratch)
  }

  /// Where a row's set lies.
  private func set(_ row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }

  private func teacherTarget(_ rows: Range<Int>, _ worker: Int) -> Matrix<Float>? {
    guard let teacher, let teacherHidden else { return nil }
    let target = teacherLogits[worker].rows(0, rows.count)
    teacher.decoder.logits(
      teacherHidden.rows(rows.lowerBound, rows.count), into: target, worker: worker)
    return target
  }
}
