internal import RefluxMemory
internal import RefluxModel
internal import RefluxProfiling
internal import RefluxSampling
internal import RefluxStorage
internal import RefluxTargets
internal import RefluxWorkers

/// Draws sample sets from rows of logits that exist for a few rows at a time only.
@safe
final class CaptureDrawing: @unchecked Sendable {
  // Safe because: shares write to the sets of their own rows and use their worker's own logits,
  // sampler and clock.

  /// Makes the logits of some rows.
  typealias Logits =
    @Sendable (_ rows: Range<Int>, _ logits: Matrix<Float>, _ worker: Int) -> Void

  let capacity: Int
  let isWeighted: Bool
  private let workers: Workers
  private let extras: [TargetScalar]
  private let gamma: Double
  private let temperature: Double
  private let logits: [Matrix<Float>]
  /// Ids that are drawn from: what a row has beyond them is padding.
  private let ids: Int
  private let samplers: [SamplerBox]
  /// Seconds of each worker, 8 apart so that no two share a line of the cache.
  private let seconds: Matrix<Double>
  private let arena = Arena()

  /// Rows whose logits a worker holds.
  static var share: Int { 64 }

  private final class SamplerBox {
    var sampler: Sampler
    init(_ sampler: Sampler) { self.sampler = sampler }
  }

  /// - Parameters:
  ///   - vocabularySize: ids of a row.
  ///   - ids: the most ids to draw from; a row's distribution is that over the first of them.
  init(
    _ configuration: CaptureConfiguration, vocabularySize: Int, ids: Int, workers: Workers
  ) throws(SamplingError) {
    let ids = min(ids, vocabularySize)
    self.ids = ids
    var samplers: [SamplerBox] = []
    for _ in 0..<workers.count {
      samplers.append(
        SamplerBox(
          try Sampler(configuration: configuration.sampler, vocabularySize: ids)))
    }
    self.workers = workers
    self.samplers = samplers
    isWeighted = samplers[0].sampler.isWeighted
    capacity = configuration.sampler.capacity(vocabularySize: ids)
    extras = configuration.extras
    gamma = configuration.gamma
    temperature = configuration.sampler.temperature
    let arena = arena
    logits = samplers.map { _ in arena.takeMatrix(Self.share, vocabularySize) }
    seconds = arena.takeMatrix(workers.count, 8)
  }

  /// Seconds of making logits and of drawing, the workers' mean.
  var times: (logits: Double, drawing: Double) {
    let count = Double(workers.count)
    return (0..<workers.count).reduce((0, 0)) { sum, worker in
      let own = seconds.row(worker)
      return (sum.0 + own[0] / count, sum.1 + own[1] / count)
    }
  }

  /// Draws the sets of the rows that have a record.
  ///
  /// - Parameter rows: how many there are; row r is that of `group`, or its record r where rows
  ///   are records.
  func fill(
    _ sets: CaptureSets, _ group: CaptureGroup, rows: Int,
    record: @Sendable (_ row: Int) -> Int?, logits make: Logits
  ) throws(CaptureError) {
    let failure = FirstFailure<SamplingError>()
    workers.run((rows + Self.share - 1) / Self.share) { share, worker in
      let range = share * Self.share..<min((share + 1) * Self.share, rows)
      let records = range.map(record)
      if !records.contains(where: { $0 != nil }) { return }
      let (own, clock) = (logits[worker].rows(0, range.count), Stopwatch())
      make(range, own, worker)
      let made = clock.seconds
      failure.watch(share: share) { () throws(SamplingError) in
        for (index, record) in records.enumerated() {
          if let record { try draw(own.row(index).slice(0, ids), record, group, sets, worker) }
        }
      }
      seconds.row(worker)[0] += made
      seconds.row(worker)[1] += clock.seconds - made
    }
    do { try failure.check() } catch { throw .sampling(error) }
  }

  private func draw(
    _ logits: View<Float>, _ record: Int, _ group: CaptureGroup, _ sets: CaptureSets,
    _ worker: Int
  ) throws(SamplingError) {
    let (box, place) = (samplers[worker], record - group.first)
    try box.sampler.sample(logits: logits, position: UInt64(record))
    if isWeighted {
      sets.set(place, ids: box.sampler.ids.span, weights: box.sampler.weights.span)
    } else {
      sets.set(place, ids: box.sampler.ids.span, counts: box.sampler.counts.span)
    }
    if !extras.isEmpty { measure(logits, place, next: group.next(record), sets) }
  }

  /// What a store keeps of the whole distribution.
  private func measure(
    _ logits: View<Float>, _ place: Int, next: UInt32?, _ sets: CaptureSets
  ) {
    let whole = TeacherDistribution(logits, temperature: temperature)
    for extra in extras {
      switch extra {
      case .logsum: sets.set(place, extra, whole.logSumExp)
      case .entropy: sets.set(place, extra, whole.entropy(logits))
      case .label:
        sets.set(place, extra, next.map { whole.probability(logits[Int($0)]) } ?? 0)
      case .power: sets.set(place, extra, whole.power(logits, gamma: gamma))
      case .mass:
        var mass = 0.0
        sets.forEachID(place) { mass += Double(whole.probability(logits[$0])) }
        sets.set(place, extra, Float(mass))
      }
    }
  }
}
