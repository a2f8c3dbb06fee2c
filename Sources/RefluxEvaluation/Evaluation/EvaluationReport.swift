internal import RefluxMemory

/// Figures of a model on held-out tokens.
public struct EvaluationReport: Sendable {
  /// Labels that count.
  public var tokens: Int
  /// Mean natural-log cross-entropy.
  public var lmLoss: Double
  /// The teacher's own, on the same labels; nil without a teacher.
  public var teacherLoss: Double?
  /// Confidence against accuracy of the most probable next tokens.
  public var calibration: Calibration
  /// Mean of sum_v min(teacher_v, student_v), in percent; nil without a teacher.
  public var acceptancePercent: Double?
  /// Positions where the teacher's most probable id is also the model's, in percent; nil without a
  /// teacher.
  public var topOneAgreementPercent: Double?
  /// Acceptance estimated from the sample sets; nil without samples.
  public var sampleAcceptance: SampleAcceptance?
  /// Mean forward KL from the sample sets, in nats; nil without samples.
  public var sampleKL: Double?
  /// Positions evaluated per second, the teacher included where there is one.
  public var tokensPerSecond: Double

  /// e^``lmLoss``, at least 1.
  public var perplexity: Double { exp(lmLoss) }
  /// Expected calibration error, 0...100.
  public var ecePercent: Double { calibration.errorPercent }
}
