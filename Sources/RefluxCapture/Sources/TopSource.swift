internal import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxModelFiles
internal import RefluxProfiling
internal import RefluxSampling
internal import RefluxStorage
internal import RefluxTargets
internal import RefluxWorkers
internal import Synchronization

/// The most probable ids of each position, made elsewhere: sets with weights, nothing drawn.
///
/// Draws from a part of the distribution would not be unbiased, so there are none.
@safe
final class TopSource: CaptureSource, @unchecked Sendable {
  // Safe because: shares write to the sets of their own rows and use their worker's own values.
  let capacity: Int
  let isWeighted = true
  private let file: LogitsFile
  private let workers: Workers
  private let vocabularySize: Int
  private let values: [View<Float>]
  private let seconds = Mutex(0.0)
  private let arena = Arena()
  private static var share: Int { 64 }

  init(
    _ file: LogitsFile, _ configuration: CaptureConfiguration, _ tokens: TokenStore,
    _ workers: Workers
  ) throws(CaptureError) {
    if configuration.sampler.estimator != .topk {
      throw .configuration(
        name: "estimator", found: configuration.sampler.estimator.rawValue,
        expected: "topk for a file of top-K logits: draws from a part would be biased")
    }
    if configuration.sampler.temperature != 1 {
      throw .configuration(
        name: "temperature", found: "\(configuration.sampler.temperature)",
        expected: "1 for a file of top-K logits, whose sum over the vocabulary is known at 1 alone")
    }
    try CaptureError.require("rounds", configuration.sampler.rounds, 1...file.columns)
    if let extra = configuration.extras.first(where: { $0 != .mass }) {
      throw .configuration(
        name: "record", found: extra.rawValue,
        expected: "mass alone, which is all that top-K logits tell of the whole distribution")
    }
    self.file = file
    self.workers = workers
    vocabularySize = tokens.vocabularySize
    capacity = configuration.sampler.capacity(vocabularySize: vocabularySize)
    let arena = arena
    values = (0..<workers.count).map { _ in arena.take(Self.share * file.columns) }
  }

  var hash: UInt64 { file.fingerprint }
  var notes: [String: String] { file.notes }
  var times: CaptureTimes { CaptureTimes(sampling: seconds.withLock { $0 }) }

  func fill(_ sets: CaptureSets, _ group: CaptureGroup) throws(CaptureError) {
    let (clock, wanted) = (Stopwatch(), group.wanted)
    let failure = FirstFailure<CaptureError>()
    workers.run((wanted.count + Self.share - 1) / Self.share) { share, worker in
      let first = wanted.lowerBound + share * Self.share
      let rows = first..<min(first + Self.share, wanted.upperBound)
      failure.watch(share: share) { () throws(CaptureError) in
        try fill(sets, group, rows, values[worker])
      }
    }
    seconds.withLock { $0 += clock.seconds }
    try file.checkWhole()
    try failure.check()
    file.drop(rows: wanted)
  }

  private func fill(
    _ sets: CaptureSets, _ group: CaptureGroup, _ rows: Range<Int>, _ values: View<Float>
  ) throws(CaptureError) {
    let ids = try file.readIDs(rows: rows)
    file.readValues(rows: rows, into: values.slice(0, ids.count))
    let logSums = file.readLogSums(rows: rows)
    for (index, record) in rows.enumerated() {
      let start = index * file.columns
      let pairs = try pairs(
        ids[start..<start + file.columns], values.slice(start, file.columns), row: record,
        logSum: logSums?[index])
      let (kept, weights) = (pairs.map(\.id), pairs.map(\.weight))
      sets.set(record - group.first, ids: kept.span, weights: weights.span)
      sets.set(record - group.first, .mass, Float(weights.reduce(0) { $0 + Double($1) }))
    }
  }

  /// The most probable ids of a row with their probabilities; those of none are left out.
  private func pairs(
    _ ids: ArraySlice<Int>, _ values: View<Float>, row: Int, logSum: Float?
  ) throws(CaptureError) -> [(id: UInt32, weight: Float)] {
    var found: [(id: Int, value: Float)] = []
    for (slot, id) in ids.enumerated() where values[slot] != -.infinity {
      if !values[slot].isFinite {
        throw .foreignRow(
          row, "id \(id) is \(values[slot]), expected a finite number, or -inf for an empty place")
      }
      if !(0..<vocabularySize).contains(id) {
        throw .foreignRow(row, "id \(id) is beyond the vocabulary of \(vocabularySize)")
      }
      found.append((id, values[slot]))
    }
    try Self.checkTwins(found.map(\.id), row: row)
    if let logSum, !logSum.isFinite {
      throw .foreignRow(row, "its logsumexp is \(logSum), expected a finite number")
    }
    let whole = logSum ?? (file.isNormalized ? 0 : Self.logSum(found.map(\.value)))
    found.sort { $0.value != $1.value ? $0.value > $1.value : $0.id < $1.id }
    let mass = found.reduce(0) { $0 + exp(Double($1.value) - Double(whole)) }
    if !(mass <= 1 + MassRounding.foreign) {
      throw .foreignRow(
        row, "the probabilities come to \(mass), expected at most 1: are these log-probabilities?")
    }
    let kept: [(id: UInt32, weight: Float)] = found.prefix(capacity).compactMap { id, value in
      let weight = Float(min(exp(Double(value) - Double(whole)), 1))
      return weight > 0 ? (UInt32(id), weight) : nil
    }
    if kept.isEmpty {
      throw .foreignRow(
        row, "no id has any probability; check the row's numbers and its logsumexp")
    }
    return kept
  }

  private static func checkTwins(_ ids: [Int], row: Int) throws(CaptureError) {
    let sorted = ids.sorted()
    for (one, next) in zip(sorted, sorted.dropFirst()) where one == next {
      throw .foreignRow(row, "id \(one) stands in it twice, expected each id once")
    }
  }

  /// log sum e^x of the values that are there.
  private static func logSum(_ values: [Float]) -> Float {
    let most = Double(values.max() ?? 0)
    return Float(most + log(values.reduce(0) { $0 + exp(Double($1) - most) }))
  }
}
