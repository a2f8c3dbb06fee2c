internal import RefluxKernels
internal import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxPipeline
internal import RefluxStorage
internal import Synchronization

/// Adds up the figures of rows of logits, share by share.
@safe
final class EvaluationRows: @unchecked Sendable {
  // Safe because: workers use their own scratch; `total` is touched by the calling thread only.
  private let pass: any ForwardPass
  private let teacher: (any ForwardPass)?
  private let capacity: Int
  private let labels: View<UInt32>
  /// 0 for positions that do not count.
  private let lossWeights: View<Float>
  private let offsets: View<Int32>
  private let ids: View<UInt32>
  private let weights: View<Float>
  private let logits: [Matrix<Float>]
  private let teacherLogits: [CommonLogits]
  private let arena = Arena()
  private let bins: Int
  private var total: Sums
  private var acceptance = 0.0
  private let window: Int
  private var windows = WindowMeans()
  /// Windows of the batches before.
  private var windowsBefore = 0
  /// Nil without samples.
  private let estimator: AcceptanceEstimator?

  private static var share: Int { 64 }

  private struct Sums: Sendable {
    var rows = 0
    var loss = 0.0
    var teacherLoss = 0.0
    var overlap = 0.0
    var agreements = 0
    var sampleKL = 0.0
    var lowerAcceptance = 0.0
    var upperAcceptance = 0.0
    /// Of each row of a share that counts, in order.
    var acceptances: [(row: Int, value: Double)] = []
    var calibration: Calibration
    /// The first row whose logits are not finite.
    var badRow: Int?

    /// - Parameter bins: of the calibration.
    init(bins: Int) { calibration = Calibration(binCount: bins) }

    mutating func add(_ other: Sums) {
      rows += other.rows
      loss += other.loss
      teacherLoss += other.teacherLoss
      overlap += other.overlap
      agreements += other.agreements
      lowerAcceptance += other.lowerAcceptance
      upperAcceptance += other.upperAcceptance
      sampleKL += other.sampleKL
      calibration.add(other.calibration)
      badRow = badRow ?? other.badRow
    }
  }

  init(
    _ pass: any ForwardPass, rows: Int, teacher: (any ForwardPass)?, samples: SampleStore?,
    bins: Int
  ) {
    (self.bins, total) = (bins, Sums(bins: bins))
    let capacity = samples?.capacity ?? 0
    window = pass.window
    estimator = samples.map { AcceptanceEstimator($0) }
    let (arena, vocabulary) = (arena, pass.model.configuration.vocabularySize)
    self.pass = pass
    self.teacher = teacher
    self.capacity = capacity
    labels = arena.take(rows)
    lossWeights = arena.take(rows)
    offsets = arena.take(rows + 1)
    ids = arena.take(rows * capacity)
    weights = arena.take(rows * capacity)
    let workers = pass.model.workers.count
    logits = (0..<workers).map { _ in arena.takeMatrix(Self.share, vocabulary) }
    let other = teacher?.model.configuration.vocabularySize ?? vocabulary
    teacherLogits = (0..<(teacher == nil ? 0 : workers)).map { _ in
      CommonLogits(rows: Self.share, teacher: other, student: vocabulary, arena)
    }
  }

  /// Takes labels, weights and sample sets of a batch's first rows over.
  func fill(from batch: borrowing Batch, rows: Int) {
    labels.copy(from: batch.labels.extracting(first: rows))
    if batch.lossWeights.isEmpty {
      lossWeights.slice(0, rows).fill(1)
    } else {
      lossWeights.copy(from: batch.lossWeights.extracting(first: rows))
    }
    if capacity == 0 { return }
    let used = 0..<Int(batch.offsets[rows])
    offsets.copy(from: batch.offsets.extracting(0...rows))
    ids.copy(from: batch.ids.extracting(used))
    weights.copy(from: batch.weights.extracting(used))
  }

  /// Takes rows of the batch out of all figures.
  func leaveOut(_ rows: Range<Int>) {
    lossWeights.slice(rows.lowerBound, rows.count).fill(0)
  }

  /// Adds the first `rows` rows that the model and, if there is one, its teacher have just run.
  ///
  /// - Returns: the first row whose logits are not finite.
  func add(rows: Int) -> Int? {
    let count = (rows + Self.share - 1) / Self.share
    let results = Mutex(Array(repeating: Sums(bins: bins), count: count))
    pass.model.workers.run(count) { share, worker in
      let start = share * Self.share
      let range = start..<min(start + Self.share, rows)
      let sums = sums(range, worker)
      results.withLock { $0[share] = sums }
    }
    for sums in results.withLock({ $0 }) {
      total.add(sums)
      for (row, value) in sums.acceptances {
        acceptance += value
        windows.add(value, window: windowsBefore + row / window)
      }
    }
    windowsBefore += rows / window
    return total.badRow
  }

  private func sums(_ rows: Range<Int>, _ worker: Int) -> Sums {
    var sums = Sums(bins: bins)
    let counted = rows.filter { lossWeights[$0] > 0 }
    if counted.isEmpty { return sums }
    let (start, count) = (rows.lowerBound, rows.count)
    let logits = logits[worker].rows(0, count)
    pass.logits(rows, into: logits, worker: worker)
    if let teacher {
      let target = teacherLogits[worker].rows(count) {
        teacher.logits(rows, into: $0, worker: worker)
      }
      for row in counted {
        compare(logits.row(row - start), target.row(row - start), row: row, &sums)
      }
    }
    for row in counted { add(logits.row(row - start), row: row, to: &sums) }
    return sums
  }

  private func compare(
    _ student: View<Float>, _ teacher: View<Float>, row: Int, _ sums: inout Sums
  ) {
    let target = SoftmaxStatistics(teacher)
    guard target.logSumExp.isFinite else {
      sums.badRow = sums.badRow ?? row
      return
    }
    let own = SoftmaxStatistics(student)
    sums.teacherLoss += Double(target.logSumExp) - Double(teacher[Int(labels[row])])
    sums.overlap += SoftmaxStatistics.overlap(student, own, teacher, target)
    sums.agreements += own.argMax(student) == target.argMax(teacher) ? 1 : 0
  }

  private func add(_ logits: View<Float>, row: Int, to sums: inout Sums) {
    let (statistics, label) = (SoftmaxStatistics(logits), Int(labels[row]))
    if !statistics.logSumExp.isFinite { sums.badRow = sums.badRow ?? row }
    sums.rows += 1
    sums.loss += Double(statistics.logSumExp) - Double(logits[label])
    sums.calibration.add(
      confidence: exp(Double(statistics.maximum) - Double(statistics.logSumExp)),
      correct: statistics.argMax(logits) == label)
    if let estimator {
      addSet(logits, Double(statistics.logSumExp), row: row, estimator, to: &sums)
    }
  }

  /// KL and acceptance against a row's sample set.
  private func addSet(
    _ logits: View<Float>, _ logSumExp: Double, row: Int, _ estimator: AcceptanceEstimator,
    to sums: inout Sums
  ) {
    var acceptance = AcceptanceEstimator.Row()
    for slot in Int(offsets[row])..<Int(offsets[row + 1]) {
      let weight = Double(weights[slot])
      if !(weight > 0) { continue }
      let logarithm = Double(logits[Int(ids[slot])]) - logSumExp
      sums.sampleKL += weight * (log(weight) - logarithm)
      estimator.add(weight, probability: exp(logarithm), to: &acceptance)
    }
    let (value, upper) = estimator.finish(acceptance)
    sums.lowerAcceptance += acceptance.lower
    sums.upperAcceptance += upper
    sums.acceptances.append((row, value))
  }

  func report(seconds: Double) throws(EvaluationError) -> EvaluationReport {
    if total.rows == 0 { throw .noLabels }
    let rows = Double(total.rows)
    return EvaluationReport(
      tokens: total.rows, lmLoss: total.loss / rows,
      teacherLoss: teacher == nil ? nil : total.teacherLoss / rows,
      calibration: total.calibration,
      acceptancePercent: teacher == nil ? nil : 100 * total.overlap / rows,
      topOneAgreementPercent: teacher == nil ? nil : 100 * Double(total.agreements) / rows,
      sampleAcceptance: estimator == nil ? nil : sampleAcceptance(rows),
      sampleKL: estimator == nil ? nil : total.sampleKL / rows,
      tokensPerSecond: Double(total.rows) / seconds)
  }

  private func sampleAcceptance(_ rows: Double) -> SampleAcceptance {
    let lower = total.lowerAcceptance
    let upper = min(max(lower, total.upperAcceptance), rows)
    return SampleAcceptance(
      percent: 100 * min(max(acceptance, lower), upper) / rows,
      standardErrorPercent: windows.errorOfMean.map { 100 * $0 },
      lowerPercent: 100 * lower / rows, upperPercent: 100 * upper / rows)
  }
}
