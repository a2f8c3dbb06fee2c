public import RefluxKernels
internal import RefluxRandom

/// Draws sample sets from rows of teacher logits.
///
/// The draws of a row depend on the configuration, the logits and the row's position alone, not on
/// the rows before it or on the thread, so rows can be shared out among any number of workers, each
/// with a sampler of its own.
///
/// Probabilities are float32 exponentials (a few ulp) with float64 sums across blocks of 1,024 ids;
/// a logit of -infinity is a probability of 0.
///
/// Cost: two passes over the row (three at tau != 1) and a few hundred cycles per distinct block
/// drawn from; no allocation after the first row. Scratch: 8 bytes per id and 24 per round.
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
  /// weights (t_i / q_i) count / rounds at tau != 1, or the probabilities themselves for top-K.
  public internal(set) var weights: [Float] = []

  /// Whether `weights` is the result to store; otherwise `counts` is, and exact.
  public var isWeighted: Bool { configuration.isWeighted }

  var scratch: Scratch
  var blockSums: [Double]
  var points: SamplePoints
  var selection: TopSelection

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
    scratch = Scratch(vocabularySize: vocabularySize)
    blockSums = Array(repeating: 0, count: (vocabularySize + Scratch.block - 1) / Scratch.block)
    points = SamplePoints(rounds: configuration.rounds)
    selection = TopSelection(limit: capacity)
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
    let maxima = LaneMaxima(logits)
    try check(maxima, logits, position)
    if configuration.estimator == .topk {
      keepTop(logits, maxima)
    } else {
      draw(logits, maxima.maximum, position)
    }
  }

  /// A copy of a sampler shares no scratch with the original once either draws.
  private mutating func makeScratchUnique() {
    if !isKnownUniquelyReferenced(&scratch) { scratch = Scratch(vocabularySize: vocabularySize) }
  }

  private func check(
    _ maxima: LaneMaxima, _ logits: View<Float>, _ position: UInt64
  ) throws(SamplingError) {
    if maxima.hasNaN || maxima.maximum == .infinity {
      let bad = (0..<logits.count).first { logits[$0].isNaN || logits[$0] == .infinity } ?? 0
      throw .badLogit(logits[bad], id: bad, position: position)
    }
    if maxima.maximum == -.infinity { throw .noProbability(position: position) }
  }

  /// e^(scale (logit - maximum)) of the row into the scratch, block sums beside it.
  ///
  /// - Returns: the sum of all.
  mutating func exponentiate(_ logits: View<Float>, minus maximum: Float, scale: Double) -> Double {
    exponentials(of: logits, minus: maximum, scale: Float(scale), into: scratch.masses) {
      blockSums[$0] = Double($1)
    }
    return blockSums.reduce(0, +)
  }
}
