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
