/// A way to keep a few ids of a teacher's distribution t in place of all of them.
public enum Estimator: String, Sendable, CaseIterable {
  /// Independent draws with replacement from q, proportional to t^tau. Unbiased; the counts have
  /// variance N q (1 - q).
  case multinomial
  /// N evenly spaced draws with one common random offset. Unbiased; each count is N q rounded
  /// down or up, so its variance is f (1 - f) with f the fraction of N q.
  case systematic
  /// The N most probable ids with their probabilities, not renormalised. Biased: a baseline.
  case topk
}
