/// The mean over pairs i < j of max(0, -r (y_i - y_j) + margin): LLP's loss of ranks.
///
/// r is 1 where the teacher's score of i is higher than that of j by more than the margin, -1 where
/// it is lower by more, else 0: such a pair adds the margin, and no gradient.
///
/// Source: Guo et al., "Linkless Link Prediction via Relational Distillation", ICML 2023.
public enum RankedPairs {
  /// The loss of a row and its derivative by each score of the student.
  ///
  /// - Parameters:
  ///   - student: y, one score for each of the n nodes around an anchor.
  ///   - teacher: y', as many.
  ///   - margin: 0 or more.
  /// - Complexity: O(n^2).
  public static func evaluate(
    student: [Double], teacher: [Double], margin: Double
  ) -> (loss: Double, gradient: [Double]) {
    LossReference.ranks(.links(student, teacher), margin: margin)
  }
}
