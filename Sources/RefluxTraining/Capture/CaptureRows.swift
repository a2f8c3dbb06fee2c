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
  private let extras: [SampleExtra]
  private let extraValues: Matrix<Float>
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
    extras = SampleExtra.allCases.filter(configuration.extras.contains)
    extraValues = arena.takeMatrix(rows, max(extras.count, 1))
  }

  /// Draws the sets of the rows `wanted` of hidden states; row r is position `first` + r.
  ///
  /// - Parameter tokens: the tokens of the rows, and the one that follows if there is one.
  func fill(
    _ hidden: Matrix<Element>, _ tokens: [UInt32], first: Int, _ wanted: Range<Int>
  ) throws {
    // Of several failures the one of the first row, whichever worker meets its own first.
    let failure = Mutex<(share: Int, error: TrainingError)?>(nil)
    decoder.workers.run((hidden.rows + Self.share - 1) / Self.share) { share, worker in
      let start = share * Self.share
      let count = min(Self.share, hidden.rows - start)
      if !wanted.overlaps(start..<start + count) { return }
      let logits = logits[worker].rows(0, count)
      decoder.logits(hidden.rows(start, count), into: logits, worker: worker)
      do throws(SamplingError) {
        for row in 0..<count {
          let next = start + row + 1
          measure(
            logits.row(row), row: start + row, next: next < tokens.count ? tokens[next] : nil)
          try draw(logits.row(row), row: start + row, record: first + start + row, worker)
          keepMass(logits.row(row), row: start + row)
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

  /// What a store keeps of the whole distribution, except the mass of the set.
  private func measure(_ logits: View<Float>, row: Int, next: UInt32?) {
    if extras.isEmpty { return }
    let whole = TeacherDistribution(logits)
    for (place, extra) in extras.enumerated() {
      switch extra {
      case .logsum: extraValues.row(row)[place] = whole.logSumExp
      case .entropy: extraValues.row(row)[place] = whole.entropy(logits)
      case .label:
        extraValues.row(row)[place] = next.map { whole.probability(logits[Int($0)]) } ?? 0
      case .mass: break
      }
    }
  }

  private func keepMass(_ logits: View<Float>, row: Int) {
    guard let place = extras.firstIndex(of: .mass) else { return }
    let whole = TeacherDistribution(logits)
    var mass = 0.0
    for slot in 0..<Int(lengths[row]) {
      mass += Double(whole.probability(logits[Int(ids.row(row)[slot])]))
    }
    extraValues.row(row)[place] = Float(mass)
  }

  /// Appends the sets of the rows `wanted`; returns how many ids they hold.
  func write(
    to writer: SampleStoreWriter, _ tokens: [UInt32], _ wanted: Range<Int>
  ) throws(StoreError) -> Int {
    var unique = 0
    for row in wanted {
      let length = Int(lengths[row])
      unique += length
      try append(row, length, tokens[row], to: writer)
    }
    return unique
  }

  private func append(
    _ row: Int, _ length: Int, _ token: UInt32, to writer: SampleStoreWriter
  ) throws(StoreError) {
    let extras = extras.indices.map { extraValues.row(row)[$0] }
    let set = ids.row(row).slice(0, length)
    try set.withSpan { set throws(StoreError) in
      if isWeighted {
        let weights = weights.row(row).slice(0, length)
        try weights.withSpan { weights throws(StoreError) in
          try writer.append(ids: set, weights: weights, token: token, extras: extras)
        }
      } else {
        let counts = counts.row(row).slice(0, length)
        try counts.withSpan { counts throws(StoreError) in
          try writer.append(ids: set, counts: counts, token: token, extras: extras)
        }
      }
    }
  }
}
