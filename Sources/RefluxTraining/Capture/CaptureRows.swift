internal import RefluxKernels
internal import RefluxModel
internal import RefluxSampling
internal import RefluxStorage
internal import Synchronization

/// Sample sets of a batch of rows, drawn by the workers and written in order.
@safe
final class CaptureRows<Element: Scalar>: @unchecked Sendable {
  // Safe because: shares write to the sets of their own rows and use their worker's own sampler.
  let capacity: Int
  let isWeighted: Bool
  private let decoder: Decoder<Element>
  private let logits: [Matrix<Float>]
  private let samplers: [SamplerBox]
  private let lengths: View<Int32>
  private let ids: Matrix<UInt32>
  private let counts: Matrix<UInt32>
  private let weights: Matrix<Float>
  private let arena = Arena()

  private static var share: Int { 64 }

  private final class SamplerBox {
    var sampler: Sampler
    init(_ sampler: Sampler) { self.sampler = sampler }
  }

  init(
    _ decoder: Decoder<Element>, _ configuration: CaptureConfiguration
  ) throws(SamplingError) {
    let vocabulary = decoder.configuration.vocabularySize
    let rows = configuration.batch * configuration.context
    var samplers: [SamplerBox] = []
    for _ in 0..<decoder.workers.count {
      samplers.append(
        SamplerBox(try Sampler(configuration: configuration.sampler, vocabularySize: vocabulary)))
    }
    self.decoder = decoder
    self.samplers = samplers
    isWeighted = samplers[0].sampler.isWeighted
    capacity = min(configuration.sampler.rounds, vocabulary)
    let arena = arena
    logits = samplers.map { _ in arena.takeMatrix(Self.share, vocabulary) }
    lengths = arena.take(rows)
    ids = arena.takeMatrix(rows, capacity)
    counts = arena.takeMatrix(rows, capacity)
    weights = arena.takeMatrix(rows, capacity)
  }

  /// Draws the sets of rows of hidden states; row r is record `first` + r.
  func fill(_ hidden: Matrix<Element>, first: Int, skipping: Int) throws {
    // Of several failures the one of the first row, whichever worker meets its own first.
    let failure = Mutex<(share: Int, error: TrainingError)?>(nil)
    decoder.workers.run((hidden.rows + Self.share - 1) / Self.share) { share, worker in
      let start = share * Self.share
      let count = min(Self.share, hidden.rows - start)
      if start + count <= skipping { return }
      let logits = logits[worker].rows(0, count)
      decoder.logits(hidden.rows(start, count), into: logits, worker: worker)
      do throws(SamplingError) {
        for row in 0..<count {
          try draw(logits.row(row), row: start + row, record: first + start + row, worker)
        }
      } catch {
        failure.withLock { first in
          if share < first?.share ?? .max { first = (share, .sampling(error)) }
        }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure.error }
  }

  private func draw(
    _ logits: View<Float>, row: Int, record: Int, _ worker: Int
  ) throws(SamplingError) {
    let box = samplers[worker]
    try box.sampler.sample(logits: logits, position: UInt64(record))
    lengths[row] = Int32(box.sampler.ids.count)
    ids.row(row).copy(from: box.sampler.ids.span)
    if isWeighted {
      weights.row(row).copy(from: box.sampler.weights.span)
    } else {
      counts.row(row).copy(from: box.sampler.counts.span)
    }
  }

  /// Appends the sets of rows `skipping`..<`count`; returns how many ids they hold.
  func write(to writer: SampleStoreWriter, skipping: Int, count: Int) throws(StoreError) -> Int {
    var unique = 0
    for row in skipping..<count {
      let length = Int(lengths[row])
      unique += length
      try append(row, length, to: writer)
    }
    return unique
  }

  private func append(
    _ row: Int, _ length: Int, to writer: SampleStoreWriter
  ) throws(StoreError) {
    let set = ids.row(row).slice(0, length)
    try set.withSpan { set throws(StoreError) in
      if isWeighted {
        let weights = weights.row(row).slice(0, length)
        try weights.withSpan { weights throws(StoreError) in
          try writer.append(ids: set, weights: weights)
        }
      } else {
        let counts = counts.row(row).slice(0, length)
        try counts.withSpan { counts throws(StoreError) in
          try writer.append(ids: set, counts: counts)
        }
      }
    }
  }
}
