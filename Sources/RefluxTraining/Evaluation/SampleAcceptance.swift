/// Speculative acceptance estimated from a sample store alone, without running the teacher.
///
/// It estimates A = mean over positions of sum_v min(t_v, p_v), the share of the student's drafts
/// that the teacher t would keep, from the shares t' that N draws of each position left.
///
/// Bias: putting t' in the place of t gives ``lowerPercent``. min is concave, so its expectation
/// is never above A; it lies below by how much the draws scatter around p. For counted draws that
/// are independent, ``percent`` adds what halving the draws takes away, as if the bias fell with
/// the root of the draws, which it does where t and p are near each other: a(N) + (a(N) - a(n)) /
/// (sqrt(N / n) - 1), with n = N / 2 and a(n) the mean over all choices of n of the draws, in
/// closed form. With 50 draws what is left was within 1.5 points of percent in simulations of
/// teachers that are sure of themselves (plain: 2 to 9 points), either way; where the mass is
/// spread over ids that are seldom drawn it stays too low, by 10 points and more. Compare students
/// on one store rather than stores. For other sets (systematic draws, weights, top-K, whose missing
/// mass counts as rejected) both figures are the same.
public struct SampleAcceptance: Sendable, Equatable {
  /// The estimate, in percent.
  public var percent: Double
  /// The standard error of ``percent``, in percent, from the scatter of the windows' means: it
  /// covers the choice of the text and the draws, not the bias. Nil for less than two windows.
  public var standardErrorPercent: Double?
  /// The shares of the draws in the teacher's place: below A on average.
  public var lowerPercent: Double

  /// sum_v min(c_v / N, p_v) of one position and, for independent draws, the estimate.
  struct Row: Sendable {
    var lower = 0.0
    var value = 0.0

    /// Takes an id with its share of the draws and the student's probability.
    ///
    /// - Parameter halves: of independent counted draws; nil for other sets.
    mutating func add(share: Double, probability: Double, halves: HalvedDraws?) {
      let plain = min(share, probability)
      lower += plain
      value += plain
      guard let halves else { return }
      let count = min(Int((share * Double(halves.draws)).rounded()), halves.draws)
      value += (plain - halves.mean(count: count, atMost: probability)) * halves.factor
    }
  }
}
