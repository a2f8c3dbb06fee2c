/// The figures of one trained model on held-out text: one row of the table.
///
/// A figure that is `nil`, not a number or infinite is printed as a dash and left out of charts.
public struct MethodRow: Equatable, Sendable {
  /// The method's name as readers see it: `"RS-KD"`, `"Top-12"`. Names the row in every chart.
  public var method: String
  /// The loss as the command names it: `"ce"`, `"rskd"`, `"topk"`, `"fullkd"`; empty for a teacher.
  public var lossName: String
  /// Mean cross-entropy over held-out tokens, in nats per token.
  public var lmLoss: Double
  /// `exp(lmLoss)`: perplexity per token.
  public var perplexity: Double?
  /// `(CE - x) / (CE - FullKD) * 100` on LM loss: the share of the gap that is closed, in percent.
  public var gapPercent: Double?
  /// Expected calibration error of the arg-max probability, in percent.
  public var ecePercent: Double?
  /// Mean over positions of `sum_v min(teacher_v, student_v)`, in percent.
  public var acceptancePercent: Double?
  /// Share of positions whose most probable token is the right one, in percent.
  public var topOnePercent: Double?
  /// Training speed, in tokens per second.
  public var tokensPerSecond: Double?
  /// Share of the step time spent waiting for data, in percent.
  public var dataWaitPercent: Double?
  /// Bytes of the teacher's cached sample sets per training token; `nil` without a cache.
  public var cacheBytesPerToken: Double?
  /// Whether this row is the teacher that the other rows learn from.
  public var isTeacher: Bool

  /// Whether the row is one of the two that the others are measured against: CE or FullKD.
  var isReference: Bool { !isTeacher && (lossName == "ce" || lossName == "fullkd") }

  /// Makes a row; figures that were not measured may be left out.
  public init(
    method: String, lossName: String, lmLoss: Double, perplexity: Double? = nil,
    gapPercent: Double? = nil, ecePercent: Double? = nil, acceptancePercent: Double? = nil,
    topOnePercent: Double? = nil, tokensPerSecond: Double? = nil, dataWaitPercent: Double? = nil,
    cacheBytesPerToken: Double? = nil, isTeacher: Bool = false
  ) {
    self.method = method
    self.lossName = lossName
    self.lmLoss = lmLoss
    self.perplexity = perplexity
    self.gapPercent = gapPercent
    self.ecePercent = ecePercent
    self.acceptancePercent = acceptancePercent
    self.topOnePercent = topOnePercent
    self.tokensPerSecond = tokensPerSecond
    self.dataWaitPercent = dataWaitPercent
    self.cacheBytesPerToken = cacheBytesPerToken
    self.isTeacher = isTeacher
  }
}
