internal import RefluxLosses
public import RefluxMemory
public import RefluxRandom

/// How the next id is drawn from a row of logits.
///
/// The filters work one after the other, as in `transformers`: temperature, top-k, top-p, min-p,
/// each on the distribution that the one before leaves.
public struct DrawingRule: Equatable, Sendable {
  /// Logits are divided by it; 0 takes the most likely id each time.
  public var temperature: Double
  /// Draws from this many most likely ids, and those as likely as the last of them; 0 from all.
  public var topK: Int
  /// Draws from the fewest most likely ids whose probabilities reach this sum; 1 from all.
  public var topP: Double
  /// Draws from ids at least this share as likely as the most likely one; 0 from all.
  public var minP: Double

  /// All filters are off but the temperature.
  public init(temperature: Double = 0.8, topK: Int = 0, topP: Double = 1, minP: Double = 0) {
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.minP = minP
  }

  /// The probability of each id under the rule.
  ///
  /// - Parameters:
  ///   - logits: a row of the model's; none may be NaN.
  ///   - p: an element per id, overwritten; they sum to 1.
  public func fill(_ p: inout [Double], from logits: View<Float>) {
    let statistics = SoftmaxStatistics(logits)
    if temperature <= 0 {
      for id in p.indices { p[id] = 0 }
      p[statistics.argMax(logits)] = 1
      return
    }
    for id in p.indices {
      p[id] = exp(Double(logits[id] - statistics.maximum) / temperature)
    }
    if topK > 0 && topK < p.count { cut(&p, below: p.sorted(by: >)[topK - 1]) }
    normalize(&p)
    if topP < 1 {
      cut(&p, below: leastOfTop(p))
      normalize(&p)
    }
    if minP > 0 {
      cut(&p, below: minP * (p.max() ?? 0))
      normalize(&p)
    }
  }

  /// The probability of the last id that is needed to reach ``topP``.
  ///
  /// Ids below (1 - topP) / count cannot be needed: all of them together have less than 1 - topP.
  private func leastOfTop(_ p: [Double]) -> Double {
    let candidates = p.filter { $0 >= (1 - topP) / Double(p.count) }.sorted(by: >)
    var total = 0.0
    for probability in candidates {
      total += probability
      if total >= topP { return probability }
    }
    return candidates.last ?? 0
  }

  private func cut(_ p: inout [Double], below least: Double) {
    for id in p.indices where p[id] < least { p[id] = 0 }
  }

  private func normalize(_ p: inout [Double]) {
    let total = p.reduce(0, +)
    for id in p.indices { p[id] /= total }
  }

  /// An id drawn from probabilities or their multiples; uses one word of `random`.
  public static func draw(_ p: [Double], _ random: inout RandomStream) -> Int {
    var rest = random.nextUniform() * p.reduce(0, +)
    var last = 0
    for id in p.indices where p[id] > 0 {
      last = id
      rest -= p[id]
      if rest < 0 { return id }
    }
    return last
  }
}

/// The rule by which a judge takes or replaces the ids of a draft (Leviathan et al., 2023,
/// arXiv 2211.17192): what comes out is distributed as if the judge had drawn it.
public enum SpeculativeSampling {
  /// Takes `id` with probability min(1, p(id) / q(id)); otherwise draws from max(0, p - q).
  ///
  /// - Parameters:
  ///   - id: drawn from `q`.
  ///   - p: the judge's probabilities.
  ///   - q: the draft's probabilities.
  /// - Returns: the id that stands in the text, and whether it is the draft's.
  public static func judge(
    _ id: Int, _ p: [Double], _ q: [Double], _ random: inout RandomStream
  ) -> (id: Int, isAccepted: Bool) {
    if random.nextUniform() * q[id] < p[id] { return (id, true) }
    let rest = zip(p, q).map { max(0, $0 - $1) }
    // Nothing is left where p and q are equal but for rounding.
    return (DrawingRule.draw(rest.contains { $0 > 0 } ? rest : p, &random), false)
  }
}
