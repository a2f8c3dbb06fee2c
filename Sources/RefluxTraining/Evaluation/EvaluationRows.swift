internal import Foundation
internal import RefluxKernels
internal import RefluxModel
internal import RefluxStorage
internal import Synchronization

/// Adds up the figures of rows of logits, share by share.
@safe
final class EvaluationRows<Element: Scalar>: @unchecked Sendable {
  // Safe because: workers use their own scratch; `total` is touched by the calling thread only.
  private let decoder: Decoder<Element>
  private let teacher: Decoder<Element>?
  let capacity: Int
  let labels: View<UInt32>
  let offsets: View<Int32>
  let ids: View<UInt32>
  let weights: View<Float>
  private let logits: [Matrix<Float>]
  private let teacherLogits: [Matrix<Float>]
  private let arena = Arena()
  private var total = Sums()
  private var acceptance = 0.0
  private var windows: WindowMeans
  /// For sets of counted, independent draws.
  private let halves: HalvedDraws?

  private static var share: Int { 64 }

  private struct Sums: Sendable {
    var rows = 0
    var loss = 0.0
    var overlap = 0.0
    var agreements = 0
    var sampleKL = 0.0
    var lowerAcceptance = 0.0
    /// Of each row of a share, in order.
    var acceptances: [Double] = []
    var calibration = Calibration()
    /// The first row whose logits are not finite.
    var badRow: Int?

    mutating func add(_ other: Sums) {
      rows += other.rows
      loss += other.loss
      overlap += other.overlap
      agreements += other.agreements
      lowerAcceptance += other.lowerAcceptance
      sampleKL += other.sampleKL
      calibration.add(other.calibration)
      badRow = badRow ?? other.badRow
    }
  }

  init(
    _ decoder: Decoder<Element>, rows: Int, window: Int, teacher: Decoder<Element>?,
    samples: SampleStore?
  ) {
    let capacity = samples?.capacity ?? 0
    windows = WindowMeans(window: window)
    halves = samples.flatMap(Self.halves)
    let (arena, vocabulary) = (arena, decoder.configuration.vocabularySize)
    self.decoder = decoder
    self.teacher = teacher
    self.capacity = capacity
    labels = arena.take(rows)
    offsets = arena.take(rows + 1)
    ids = arena.take(rows * capacity)
    weights = arena.take(rows * capacity)
    let workers = decoder.workers.count
    logits = (0..<workers).map { _ in arena.takeMatrix(Self.share, vocabulary) }
    teacherLogits = (0..<(teacher == nil ? 0 : workers)).map { _ in
      arena.takeMatrix(Self.share, vocabulary)
    }
  }

  /// Adds `rows` rows of hidden states of the model and, if there is one, its teacher.
  ///
  /// - Parameter first: position of the first row, for the error.
  /// - Throws: ``TrainingError/logits(position:)`` when they are not finite.
  func add(
    _ hidden: Matrix<Element>, _ teacherHidden: Matrix<Element>?, rows: Int, first: Int
  ) throws(TrainingError) {
    let count = (rows + Self.share - 1) / Self.share
    let results = Mutex(Array(repeating: Sums(), count: count))
    decoder.workers.run(count) { share, worker in
      let start = share * Self.share
      let range = start..<min(start + Self.share, rows)
      let sums = sums(range, hidden, teacherHidden, worker)
      results.withLock { $0[share] = sums }
    }
    for sums in results.withLock({ $0 }) {
      total.add(sums)
      for value in sums.acceptances {
        acceptance += value
        windows.add(value)
      }
    }
    if let row = total.badRow { throw .logits(position: first + row) }
  }

  private func sums(
    _ rows: Range<Int>, _ hidden: Matrix<Element>, _ teacherHidden: Matrix<Element>?,
    _ worker: Int
  ) -> Sums {
    var sums = Sums()
    let (start, count) = (rows.lowerBound, rows.count)
    let logits = logits[worker].rows(0, count)
    decoder.logits(hidden.rows(start, count), into: logits, worker: worker)
    if let teacher, let teacherHidden {
      let target = teacherLogits[worker].rows(0, count)
      teacher.logits(teacherHidden.rows(start, count), into: target, worker: worker)
      for row in 0..<count {
        compare(logits.row(row), target.row(row), row: start + row, &sums)
      }
    }
    for row in 0..<count { add(logits.row(row), row: start + row, to: &sums) }
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
    if capacity > 0 { addSet(logits, Double(statistics.logSumExp), row: row, to: &sums) }
  }

  /// KL and acceptance against a row's sample set.
  private func addSet(
    _ logits: View<Float>, _ logSumExp: Double, row: Int, to sums: inout Sums
  ) {
    var acceptance = SampleAcceptance.Row()
    for slot in Int(offsets[row])..<Int(offsets[row + 1]) {
      let weight = Double(weights[slot])
      if !(weight > 0) { continue }
      let logarithm = Double(logits[Int(ids[slot])]) - logSumExp
      sums.sampleKL += weight * (log(weight) - logarithm)
      acceptance.add(share: weight, probability: exp(logarithm), halves: halves)
    }
    sums.lowerAcceptance += acceptance.lower
    sums.acceptances.append(acceptance.value)
  }

  private static func halves(_ samples: SampleStore) -> HalvedDraws? {
    let isCounted = !samples.isWeighted && samples.provenance.estimator == "multinomial"
    return isCounted && samples.rounds > 1 ? HalvedDraws(draws: samples.rounds) : nil
  }

  func report(seconds: Double) -> EvaluationReport {
    let rows = Double(max(total.rows, 1))
    return EvaluationReport(
      tokens: total.rows, lmLoss: total.loss / rows, calibration: total.calibration,
      acceptancePercent: teacher == nil ? nil : 100 * total.overlap / rows,
      topOneAgreementPercent: teacher == nil ? nil : 100 * Double(total.agreements) / rows,
      sampleAcceptance: capacity == 0 ? nil : sampleAcceptance(rows),
      sampleKL: capacity == 0 ? nil : total.sampleKL / rows,
      tokensPerSecond: Double(total.rows) / seconds)
  }

  private func sampleAcceptance(_ rows: Double) -> SampleAcceptance {
    SampleAcceptance(
      percent: 100 * acceptance / rows,
      standardErrorPercent: windows.errorOfMean.map { 100 * $0 },
      lowerPercent: 100 * total.lowerAcceptance / rows)
  }
}
