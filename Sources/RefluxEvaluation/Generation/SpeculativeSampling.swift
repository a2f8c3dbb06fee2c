public import RefluxRandom

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
