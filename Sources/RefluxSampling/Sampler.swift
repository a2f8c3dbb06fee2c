public import RefluxMemory
internal import RefluxRandom
internal import RefluxTargets

/// Draws sample sets from rows of teacher logits.
///
/// The draws of a row depend on the configuration, the logits and the row's position alone, not on
/// the rows before it or on the thread, so rows can be shared out among any number of workers, each
/// with a sampler of its own.
///
/// Probabilities are float32 exponentials (a few ulp) with float64 sums across blocks of 1,024 ids;
/// a logit of -infinity is a probability of 0. They are never stored: see `RowMasses`. Their last
/// bits depend on the processor's instruction set, so a draw that falls on the border of two ids
/// may differ between processors.
///
/// - Complexity: the softmax statistics of the row (twice their sums at tau != 1) and some fifty
///   cycles per draw; no allocation after the first row. Scratch: a byte per id and up to 700 per
///   round; for top-K up to 12 more per id.
public struct Sampler: Sendable {
  /// What is drawn.
  public let configuration: SamplerConfiguration
  /// The number of logits of a row.
  public let vocabularySize: Int

  /// The distinct ids of the last row, ascending.
  public internal(set) var ids: [UInt32] = []
  /// How often each of `ids` was drawn, in sum `rounds`; empty for top-K.
  public internal(set) var counts: [UInt32] = []
  /// The target value of each of `ids`: an estimate of its probability. Counts / rounds, importance
  /// weights (t_i / q_i) count / rounds at tau != 1 unless they stay uncorrected, or the
  /// probabilities themselves for top-K.
  public internal(set) var weights: [Float] = []

  /// Whether `weights` is the result to store; otherwise `counts` is, and exact.
  public var isWeighted: Bool { configuration.isWeighted }

  var scratch: Scratch

  /// Prepares for rows of `vocabularySize` logits.
  ///
  /// - Throws: what `SamplerConfiguration.validate` throws, or `vocabularySize`.
  public init(
    configuration: SamplerConfiguration, vocabularySize: Int
  ) throws(SamplingError) {
    try configuration.validate()
    guard (1...1 << 24).contains(vocabularySize) else { throw .vocabularySize(vocabularySize) }
    self.configuration = configuration
    self.vocabularySize = vocabularySize
    let capacity = configuration.capacity(vocabularySize: vocabularySize)
    scratch = Scratch(vocabularySize: vocabularySize, rounds: configuration.rounds)
    ids.reserveCapacity(capacity)
    counts.reserveCapacity(capacity)
    weights.reserveCapacity(capacity)
  }

  /// Draws one row's sample set into `ids`, `counts` and `weights`.
  ///
  /// Copies the logits first: where they lie in a view already, pass the view.
  ///
  /// - Parameters:
  ///   - logits: `vocabularySize` logits, of any scale.
  ///   - position: the row's number among all rows of the run: it selects the random stream.
  /// - Throws: `badLogit` or `noProbability`, with the position; the results are then empty.
  public mutating func sample(
    logits: Span<Float>, position: UInt64
  ) throws(SamplingError) {
    precondition(logits.count == vocabularySize, "one logit per id")
    makeScratchUnique()
    let row = scratch.row
    row.copy(from: logits)
    try sample(logits: row, position: position)
  }

  /// Draws one row's sample set into `ids`, `counts` and `weights`; reads the logits only.
  ///
  /// - Parameters:
  ///   - logits: `vocabularySize` logits, of any scale.
  ///   - position: the row's number among all rows of the run: it selects the random stream.
  /// - Throws: `badLogit` or `noProbability`, with the position; the results are then empty.
  public mutating func sample(
    logits: View<Float>, position: UInt64
  ) throws(SamplingError) {
    precondition(logits.count == vocabularySize, "one logit per id")
    ids.removeAll(keepingCapacity: true)
    counts.removeAll(keepingCapacity: true)
    weights.removeAll(keepingCapacity: true)
    makeScratchUnique()
    let maximum = scratch.masses.maximum(of: logits)
    let total = scratch.masses.fill(logits, minus: maximum, scale: configuration.scale)
    if maximum == -.infinity || maximum == .infinity || total.isNaN {
      throw Self.error(logits, position)
    }
    if configuration.estimator == .topk {
      keepTop(logits, maximum, total)
    } else {
      draw(logits, maximum, total, position)
    }
  }

  /// A copy of a sampler shares no scratch with the original once either draws.
  private mutating func makeScratchUnique() {
    if !isKnownUniquelyReferenced(&scratch) {
      scratch = Scratch(vocabularySize: vocabularySize, rounds: configuration.rounds)
    }
  }

  /// What is wrong with a row that has no distribution.
  private static func error(_ logits: View<Float>, _ position: UInt64) -> SamplingError {
    for id in 0..<logits.count where logits[id].isNaN || logits[id] == .infinity {
      return .badLogit(logits[id], id: id, position: position)
    }
    return .noProbability(position: position)
  }
}

/// The memory of one sampler.
final class Scratch: Sendable {
  private let arena: Arena
  /// A copy of the logits, for callers that hold them in a span; untouched pages cost nothing.
  let row: View<Float>
  /// The sums of the row's masses.
  let masses: RowMasses
  /// Where a row's draws fall on the unit interval.
  let fractions: View<Double>

  init(vocabularySize: Int, rounds: Int) {
    arena = Arena()
    row = arena.take(vocabularySize)
    masses = RowMasses(vocabularySize: vocabularySize, points: rounds, arena: arena)
    fractions = arena.take(rounds)
  }
}

extension Sampler {
  /// Draws `rounds` ids: the ids under the points of the row's distribution function.
  mutating func draw(
    _ logits: View<Float>, _ maximum: Float, _ total: Double, _ position: UInt64
  ) {
    fillFractions(position)
    let masses = scratch.masses
    let found = masses.draw(
      scratch.fractions, from: logits, minus: maximum, scale: configuration.scale, total: total)
    for index in 0..<found {
      ids.append(masses.ids[index])
      counts.append(masses.counts[index])
    }
    if !isWeighted {
      for count in counts { weights.append(Float(count) / Float(configuration.rounds)) }
    } else {
      let teacherTotal = masses.fill(
        logits, minus: maximum, scale: 1 / configuration.temperature)
      weigh(logits, maximum, proposalPerTeacher: total / teacherTotal)
    }
  }

  /// Where the draws of a row fall: in (0, 1], in any order.
  ///
  /// Multinomial: 1 - u with an independent u in [0, 1) for each. Systematic: (k - u) / N for k in
  /// 1...N, with one u for all.
  private func fillFractions(_ position: UInt64) {
    var random = RandomStream(seed: configuration.seed, stream: position)
    scratch.fractions.withMutableSpan { fractions in
      if configuration.estimator == .multinomial {
        random.fillUniform(&fractions)
        for index in fractions.indices { fractions[index] = 1 - fractions[index] }
      } else {
        let (offset, count) = (random.nextUniform(), Double(fractions.count))
        for index in fractions.indices { fractions[index] = (Double(index + 1) - offset) / count }
      }
    }
  }

  /// (t_i / q_i) count_i / N, not normalised, with t_i / q_i = e^((1 - tau) (x_i - maximum) / T)
  /// times the ratio of the two sums.
  private mutating func weigh(
    _ logits: View<Float>, _ maximum: Float, proposalPerTeacher ratio: Double
  ) {
    let scale = ratio / Double(configuration.rounds)
    for (id, count) in zip(ids, counts) {
      let below = (Double(logits[Int(id)]) - Double(maximum)) / configuration.temperature
      weights.append(Float(Double(count) * scale * exp((1 - configuration.tau) * below)))
    }
  }
}

extension Sampler {
  /// Keeps the `rounds` most probable ids with their probabilities.
  ///
  /// Ids whose probability rounds to 0 in float32 are left out, so there may be fewer.
  mutating func keepTop(_ logits: View<Float>, _ maximum: Float, _ total: Double) {
    let limit = configuration.capacity(vocabularySize: vocabularySize)
    let masses = scratch.masses
    masses.largest(limit, of: logits, maximum: maximum)
    for index in 0..<limit {
      let below = (Double(masses.logits[index]) - Double(maximum)) / configuration.temperature
      let probability = Float(exp(below) / total)
      if probability > 0 {
        ids.append(masses.ids[index])
        weights.append(probability)
      }
    }
  }
}
