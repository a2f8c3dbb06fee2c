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
  /// What the loss of each window counts: 0 for one that could not be read.
  private let windowWeights: View<Float>
  private let window: Int
  private let scratch: [LossScratch]
  private let teacherLogits: [Matrix<Float>]
  private var teacherHidden: Matrix<Element>?
  private let scale: Float
  private let arena = Arena()

  init(
    _ decoder: Decoder<Element>, objective: Objective, rows: Int, window: Int, capacity: Int,
    teacher: InferencePass<Element>?
  ) {
    let (arena, vocabulary) = (arena, decoder.configuration.vocabularySize)
    self.objective = objective
    self.teacher = teacher
    scale = 1 / Float(rows)
    self.window = window
    windowWeights = arena.take(rows / window)
    labels = arena.take(rows)
    offsets = arena.take(rows + 1)
    ids = arena.take(rows * capacity)
    weights = arena.take(rows * capacity)
    scratch = (0..<decoder.workers.count).map { _ in
      LossScratch(vocabularySize: vocabulary, arena: arena)
    }
    teacherLogits = (0..<(teacher == nil ? 0 : decoder.workers.count)).map { _ in
      arena.takeMatrix(min(rows, TrainingPass<Element>.largestShare), vocabulary)
    }
  }

  /// Takes over a batch's targets; with an online teacher, runs it.
  func fill(from batch: Batch) {
    labels.copy(from: batch.labels)
    windowWeights.copy(from: batch.rowWeights)
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
      let weight = windowWeights[row / window]
      let own = loss(row, logits.row(index), target?.row(index), scale * weight, scratch[worker])
      total += Double(weight * own)
    }
    return total
  }

  private func loss(
    _ row: Int, _ logits: View<Float>, _ teacher: View<Float>?, _ scale: Float,
    _ scratch: LossScratch
  ) -> Float {
    if let teacher {
      return DenseKL.gradient(logits, teacher: teacher, scale: scale, scratch: scratch)
    }
    if !objective.needsSamples {
      return CrossEntropy.gradient(
        logits, label: Int(labels[row]), scale: scale, scratch: scratch)
    }
    let start = Int(offsets[row])
    let count = Int(offsets[row + 1]) - start
    return SparseKL.gradient(
      logits, ids: ids.slice(start, count), weights: weights.slice(start, count), scale: scale,
      scratch: scratch)
  }

  private func teacherTarget(_ rows: Range<Int>, _ worker: Int) -> Matrix<Float>? {
    guard let teacher, let teacherHidden else { return nil }
    let target = teacherLogits[worker].rows(0, rows.count)
    teacher.decoder.logits(
      teacherHidden.rows(rows.lowerBound, rows.count), into: target, worker: worker)
    return target
  }
}
