/// KL(softmax(y') || softmax(y)) of a row of scores: LLP's loss of distributions.
///
/// Source: Guo et al., "Linkless Link Prediction via Relational Distillation", ICML 2023.
public enum ScoreKL {
  /// The loss of a row and its derivative by each score of the student, (softmax(y) - softmax(y')).
  ///
  /// - Parameters:
  ///   - student: y, one score for each of the n nodes around an anchor.
  ///   - teacher: y', as many.
  /// - Complexity: O(n).
  public static func evaluate(
    student: [Double], teacher: [Double]
  ) -> (loss: Double, gradient: [Double]) {
    LossReference.scores(.links(student, teacher))
  }
}
