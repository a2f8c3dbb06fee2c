internal import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxPipeline
internal import RefluxSampling
internal import RefluxStorage
internal import RefluxTargets
internal import RefluxWorkers

/// The targets of some windows, and the losses against them.
@safe
final class GradientTargets: @unchecked Sendable {
  // Safe because: filled between passes by one thread; workers use their own scratch.

  /// The sparse targets: those of a store if there is one, then the drawn ones.
  let names: [String]
  private let teacher: any ForwardPass
  /// The record of each row; rows that do not count have none.
  private var records: [Int?] = []
  private let hasStore: Bool
  private let scale: Float
  private let window: Int
  private let offsets: View<Int32>
  private let ids: View<UInt32>
  private let weights: View<Float>
  private let workers: [Worker]
  private let failure = FirstFailure<SamplingError>()
  private let arena = Arena()

  /// What one worker needs.
  private final class Worker {
    let sparse: RowLoss
    let full: RowLoss
    let logits: CommonLogits
    var samplers: [Sampler]
    let ids: View<UInt32>
    let weights: View<Float>

    init(
      _ share: Int, _ samplers: [Sampler], vocabularySize: Int, teacher: Int, _ arena: Arena
    ) {
      sparse = RowLoss.forwardKL(from: .sampled, vocabularySize: vocabularySize, arena: arena)
      full = RowLoss.forwardKL(from: .dense, vocabularySize: vocabularySize, arena: arena)
      logits = CommonLogits(rows: share, teacher: teacher, student: vocabularySize, arena)
      self.samplers = samplers
      let capacity = samplers.map {
        $0.configuration.capacity(vocabularySize: vocabularySize)
      }.max()
      ids = arena.take(capacity ?? 0)
      weights = arena.take(capacity ?? 0)
    }
  }

  init(
    _ pass: any GradientPass, _ teacher: any ForwardPass, samples: SampleStore?,
    drawn: [SamplerConfiguration]
  ) throws(EvaluationError) {
    let (arena, rows) = (arena, pass.windows * pass.window)
    let vocabulary = pass.model.configuration.vocabularySize
    let capacity = samples?.capacity ?? 0
    var samplers: [Sampler] = []
    for configuration in drawn {
      do {
        samplers.append(
          try Sampler(configuration: configuration, vocabularySize: vocabulary))
      } catch { throw .sampling(error) }
    }
    self.teacher = teacher
    hasStore = samples != nil
    names =
      (samples == nil ? [] : ["samples"]) + drawn.map { $0.estimator.rawValue + "\($0.rounds)" }
    scale = 1 / Float(rows)
    window = pass.window
    offsets = arena.take(rows + 1)
    ids = arena.take(rows * capacity)
    weights = arena.take(rows * capacity)
    workers = (0..<pass.model.workers.count).map { _ in
      Worker(
        pass.rowsPerShare, samplers, vocabularySize: vocabulary,
        teacher: teacher.model.configuration.vocabularySize, arena)
    }
  }

  /// Takes over the sets of a batch and runs the teacher on its tokens.
  ///
  /// - Parameter windows: of each window, the record of each of its positions.
  func fill(from batch: borrowing Batch, records windows: [[Int]]) {
    records = Array(repeating: nil, count: batch.tokens.count)
    for (number, window) in windows.enumerated() {
      for (place, record) in window.enumerated() {
        let row = number * self.window + place
        // Training does not look at positions whose label is of another document.
        if batch.lossWeights.isEmpty || batch.lossWeights[row] > 0 { records[row] = record }
      }
    }
    if hasStore {
      let used = 0..<Int(batch.offsets[batch.offsets.count - 1])
      offsets.copy(from: batch.offsets)
      ids.copy(from: batch.ids.extracting(used))
      weights.copy(from: batch.weights.extracting(used))
    }
    teacher.run(batch.tokens, documents: batch.documents)
  }

  /// - Throws: what stopped the drawing of the first row that has no distribution.
  func check() throws(EvaluationError) {
    do { try failure.check() } catch { throw .sampling(error) }
  }

  /// Sum of the rows' losses against the sets of a target; the logits become gradients.
  func sparse(
    _ target: Int, _ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int
  ) -> Double {
    if !hasStore { return drawn(target, rows, logits, worker) }
    return target == 0 ? stored(rows, logits, worker) : drawn(target - 1, rows, logits, worker)
  }

  private func stored(_ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int) -> Double {
    rows.enumerated().reduce(0) { total, pair in
      let (index, row) = pair
      if skips(row, logits.row(index)) { return total }
      let target = RowTarget(
        set: SampleSets(offsets: offsets, ids: ids, weights: weights)[row])
      return total
        + workers[worker].sparse.gradient(logits.row(index), target, scale: Double(scale)).loss
    }
  }

  /// The same against sets that are drawn from the teacher's logits, as a capture draws them.
  private func drawn(
    _ target: Int, _ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int
  ) -> Double {
    let (teacherLogits, own) = (teacherLogits(rows, worker), workers[worker])
    var total = 0.0
    for (index, row) in rows.enumerated() {
      guard let record = records[row] else {
        logits.row(index).fill(0)
        continue
      }
      do throws(SamplingError) {
        try own.samplers[target].sample(
          logits: teacherLogits.row(index), position: UInt64(record))
      } catch {
        failure.add(error, share: row)
        return .nan
      }
      let (ids, weights) = (own.samplers[target].ids, own.samplers[target].weights)
      own.ids.copy(from: ids.span)
      own.weights.copy(from: weights.span)
      let set = SampleSet(
        ids: own.ids.slice(0, ids.count), weights: own.weights.slice(0, ids.count))
      total +=
        own.sparse.gradient(
          logits.row(index), RowTarget(set: set), scale: Double(scale)
        ).loss
    }
    return total
  }

  /// The same against the teacher's full distribution.
  func full(_ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int) -> Double {
    let target = teacherLogits(rows, worker)
    return rows.indices.reduce(0) { total, row in
      let index = row - rows.lowerBound
      if skips(row, logits.row(index)) { return total }
      let target = RowTarget(teacher: target.row(index))
      return total
        + workers[worker].full.gradient(logits.row(index), target, scale: Double(scale)).loss
    }
  }

  /// Whether a row does not count; its gradient is then zero.
  private func skips(_ row: Int, _ logits: View<Float>) -> Bool {
    if records[row] != nil { return false }
    logits.fill(0)
    return true
  }

  private func teacherLogits(_ rows: Range<Int>, _ worker: Int) -> Matrix<Float> {
    workers[worker].logits.rows(rows.count) { teacher.logits(rows, into: $0, worker: worker) }
  }
}
