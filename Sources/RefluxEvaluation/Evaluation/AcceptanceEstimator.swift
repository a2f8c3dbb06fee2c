internal import RefluxStorage
internal import RefluxTargets

/// What a position's sample set says of A = sum_v min(t_v, p_v), by the way the set was made: t are
/// the teacher's probabilities, p the student's.
enum AcceptanceEstimator: Sendable {
  /// Counts of independent draws from t.
  case independent(SplitDraws)
  /// Counts of evenly spaced draws: each is N t_v, rounded up or down, and has that mean.
  case systematic(draws: Double)
  /// The largest probabilities themselves.
  case largest
  /// Weights with the mean t_v, of which nothing else is known.
  case weighted

  init(_ samples: SampleStore) {
    switch (samples.provenance.knownEstimator, samples.isWeighted) {
    case (.multinomial, false): self = .independent(SplitDraws(draws: samples.rounds))
    case (.systematic, false): self = .systematic(draws: Double(samples.rounds))
    case (.topk, _): self = .largest
    default: self = .weighted
    }
  }

  /// Sums over the ids of a position's set.
  struct Row: Sendable {
    /// sum_v min(w_v, p_v), w being the set: its mean is at most A, as min is concave.
    var lower = 0.0
    /// What the bound from above differs from 1 by, as far as ids have been added.
    fileprivate var change = 0.0
    /// The same with fewer judges.
    fileprivate var changeOfHalf = 0.0
    fileprivate var (mass, probability) = (0.0, 0.0)
  }

  /// Takes an id with its weight in the set, a share of the draws for counts, and the student's
  /// probability.
  func add(_ weight: Double, probability p: Double, to row: inout Row) {
    row.lower += min(weight, p)
    row.mass += weight
    row.probability += p
    switch self {
    case .independent(let split):
      let count = min(Int((weight * Double(split.draws)).rounded()), split.draws)
      row.change += split.leavingOneOut(count: count, probability: p)
      if split.factor != nil { row.changeOfHalf += split.halving(count: count, probability: p) }
    case .systematic(let draws): row.change += Self.line(weight * draws, p * draws) / draws
    case .largest, .weighted: break
    }
  }

  /// A bound of min(N t_v, N p_v) from above whose mean is right where t = p: linear between the
  /// two counts that N t_v may become, and exact wherever N p_v is not between them.
  ///
  /// An id that was not drawn adds nothing, so that p_v below 1 / N is not used at all.
  private static func line(_ count: Double, _ p: Double) -> Double {
    let (whole, rest) = (p.rounded(.down), p - p.rounded(.down))
    let count = count.rounded()
    if count < whole { return count }
    if count > whole + 1 { return p }
    if whole == 0 { return count }
    return whole + rest * (1 - rest) + (count - whole) * rest
  }

  /// The estimate of A, and the bound of its mean from above.
  func finish(_ row: Row) -> (value: Double, upper: Double) {
    switch self {
    case .independent(let split):
      let (upper, half) = (1 + row.change, 1 + row.changeOfHalf)
      return (upper - (split.factor ?? 0) * (half - upper), upper)
    case .systematic: return (row.change, row.change)
    case .largest:
      // Of what is not in the set the student cannot agree to more than both have left.
      let rest = max(0, min(1 - row.mass, 1 - row.probability))
      let most = min(row.mass, row.probability)
      return (row.lower + rest * (most > 0 ? row.lower / most : 1), row.lower + rest)
    case .weighted: return (row.lower, 1)
    }
  }
}

/// Speculative acceptance estimated from a sample store alone, without running the teacher.
///
/// It estimates A = mean over positions of sum_v min(t_v, p_v), the share of the student's drafts
/// that the teacher t would keep, from what N draws of each position say of t. No such estimate is
/// free of bias, as min has a corner; but ``lowerPercent`` is never above A on average, and
/// ``upperPercent`` never below.
///
/// - lower: the set in the place of t. It lies below by how much the draws scatter around p.
/// - upper: for independent draws `SplitDraws`, which is right where t = p, whatever N; for
///   evenly spaced ones a line between the counts that may come of a probability, right there too;
///   for top-K what both have left of their mass; for weighted draws 1.
/// - ``percent``: for independent draws the upper figure carried on to more judging draws, as if it
///   fell with their root, and kept between the two; in simulations with 50 draws it was within 2
///   points of teachers that are sure of themselves, and exact for a student that is the teacher.
///   Where the mass is spread over ids that are seldom drawn it may be anywhere between the two:
///   look at both. For evenly spaced draws the upper figure; for top-K the two agree on what is
///   left as they do on the set; for weighted draws the lower figure.
public struct SampleAcceptance: Sendable, Equatable {
  /// The estimate, in percent.
  public var percent: Double
  /// The standard error of ``percent``, in percent, from the scatter of the windows' means: it
  /// covers the choice of the text and the draws, not the bias. Nil for less than two windows.
  public var standardErrorPercent: Double?
  /// At most A on average, in percent.
  public var lowerPercent: Double
  /// At least A on average, in percent; what the draws' chance puts beyond 100 is cut.
  public var upperPercent: Double
}
