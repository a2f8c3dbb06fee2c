/// What a row's loss finds out on its way.
public struct RowLoss: Sendable, Equatable, BitwiseCopyable {
  /// The loss in nats, times the row's weight.
  public var loss = 0.0
  /// log sum_j e^(x_j) at T = 1, after the softcap.
  public var logSumExp = 0.0
  /// The student's entropy in nats, at T = 1.
  public var entropy = 0.0
  /// The first id of the largest logit.
  public var argMax = 0
  /// The probability of ``argMax`` at T = 1.
  public var confidence = 0.0
  /// The target's mass on the set's ids.
  public var teacherMass = 0.0
  /// The student's mass on the set's ids, at T.
  public var studentMass = 0.0
}
