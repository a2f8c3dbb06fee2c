internal import RefluxKernels
internal import RefluxModel
internal import RefluxStorage

/// Both targets of some windows, and the losses against them.
@safe
final class GradientTargets<Element: Scalar>: @unchecked Sendable {
  // Safe because: filled between passes by one thread; workers use their own scratch.
  private let teacher: InferencePass<Element>
  private var teacherHidden: Matrix<Element>?
  private let capacity: Int
  private let scale: Float
  private let offsets: View<Int32>
  private let ids: View<UInt32>
  private let weights: View<Float>
  private let scratch: [LossScratch]
  private let teacherLogits: [Matrix<Float>]
  private let arena = Arena()

  init(_ pass: TrainingPass<Element>, _ teacher: InferencePass<Element>, samples: SampleStore) {
    let (arena, rows) = (arena, pass.windows * pass.window)
    let vocabulary = pass.decoder.configuration.vocabularySize
    self.teacher = teacher
    capacity = samples.capacity
    scale = 1 / Float(rows)
    offsets = arena.take(rows + 1)
    ids = arena.take(rows * capacity)
    weights = arena.take(rows * capacity)
    scratch = (0..<pass.decoder.workers.count).map { _ in
      LossScratch(vocabularySize: vocabulary, arena: arena)
    }
    let share = min(rows, LinearLoss<Element>.rowsPerShare(vocabularySize: vocabulary))
    teacherLogits = scratch.map { _ in arena.takeMatrix(share, vocabulary) }
  }

  /// Takes over the sets of `count` records from `start` on and runs the teacher on their tokens,
  /// which it returns.
  func fill(
    from readers: (tokens: TokenReader, samples: SampleReader), _ start: Int, _ count: Int
  ) throws(StoreError) -> [UInt32] {
    var tokens = [UInt32](repeating: 0, count: count)
    var span = tokens.mutableSpan
    try readers.tokens.read(start..<start + count, into: &span)
    try readSets(readers.samples, start..<start + count)
    teacherHidden = teacher.hidden(tokens.span)
    return tokens
  }

  private func readSets(_ reader: SampleReader, _ records: Range<Int>) throws(StoreError) {
    try offsets.withMutableSpan { offsets throws(StoreError) in
      try ids.withMutableSpan { ids throws(StoreError) in
        try weights.withMutableSpan { weights throws(StoreError) in
          _ = try reader.read(records, offsets: &offsets, ids: &ids, weights: &weights)
        }
      }
    }
  }

  /// Sum of the rows' losses against their sets; the logits become gradients.
  func sparse(_ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int) -> Double {
    rows.enumerated().reduce(0) { total, pair in
      let (index, row) = pair
      let (start, end) = (Int(offsets[row]), Int(offsets[row + 1]))
      let loss = SparseKL.gradient(
        logits.row(index), ids: ids.slice(start, end - start),
        weights: weights.slice(start, end - start), scale: scale, scratch: scratch[worker])
      return total + Double(loss)
    }
  }

  /// The same against the teacher's full distribution.
  func full(_ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int) -> Double {
    guard let teacherHidden else { return .nan }
    let target = teacherLogits[worker].rows(0, rows.count)
    teacher.decoder.logits(
      teacherHidden.rows(rows.lowerBound, rows.count), into: target, worker: worker)
    return rows.indices.reduce(0) { total, row in
      let index = row - rows.lowerBound
      let loss = DenseKL.gradient(
        logits.row(index), teacher: target.row(index), scale: scale, scratch: scratch[worker])
      return total + Double(loss)
    }
  }
}
