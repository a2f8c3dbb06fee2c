public import RefluxTargets

/// The figures of one trained model on held-out text: one row of the table.
///
/// A figure that is `nil`, not a number or infinite is printed as a dash and left out of charts.
public struct MethodRow: Equatable, Sendable {
  /// The method's name as readers see it: `"RS-KD"`, `"Top-12"`. Names the row in every chart.
  public var method: String
  /// What the model learned from; nil for the teacher that the other rows learn from.
  public var objective: ObjectiveName?
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
  /// Whether this row is the teacher.
  public var isTeacher: Bool { objective == nil }

  /// Whether the row is one of the two that the others are measured against: CE or FullKD.
  var isReference: Bool { objective == .ce || objective == .fullkd }

  /// Makes a row; figures that were not measured may be left out.
  public init(
    method: String, objective: ObjectiveName?, lmLoss: Double, perplexity: Double? = nil,
    gapPercent: Double? = nil, ecePercent: Double? = nil, acceptancePercent: Double? = nil,
    topOnePercent: Double? = nil, tokensPerSecond: Double? = nil, dataWaitPercent: Double? = nil,
    cacheBytesPerToken: Double? = nil
  ) {
    self.method = method
    self.objective = objective
    self.lmLoss = lmLoss
    self.perplexity = perplexity
    self.gapPercent = gapPercent
    self.ecePercent = ecePercent
    self.acceptancePercent = acceptancePercent
    self.topOnePercent = topOnePercent
    self.tokensPerSecond = tokensPerSecond
    self.dataWaitPercent = dataWaitPercent
    self.cacheBytesPerToken = cacheBytesPerToken
  }
}

/// A column of the results: the one table behind page, terminal and Markdown.
struct Column: Sendable {
  /// The heading as text: `"ECE %"`.
  let heading: String
  private let decimals: Int
  private let figure: @Sendable (MethodRow) -> Double?

  private init(
    _ heading: String, decimals: Int, _ figure: @escaping @Sendable (MethodRow) -> Double?
  ) {
    self.heading = heading
    self.decimals = decimals
    self.figure = figure
  }

  /// The figure of a row as text, or a dash.
  func text(of row: MethodRow) -> String { Figure.fixed(figure(row), decimals: decimals) }

  private static let all: [Column] = [
    Column("LM loss", decimals: 3) { $0.lmLoss },
    Column("perplexity", decimals: 1) { $0.perplexity },
    Column("gap closed %", decimals: 0) { $0.gapPercent },
    Column("ECE %", decimals: 1) { $0.ecePercent },
    Column("acceptance %", decimals: 1) { $0.acceptancePercent },
    Column("top-1 %", decimals: 1) { $0.topOnePercent },
    Column("tokens/s", decimals: 0) { $0.tokensPerSecond },
    Column("data wait %", decimals: 1) { $0.dataWaitPercent },
    Column("cache B/token", decimals: 1) { $0.cacheBytesPerToken },
  ]

  /// The columns for `rows`: LM loss always, others where a row has a figure.
  static func columns(for rows: [MethodRow]) -> [Column] {
    all.enumerated().filter { index, column in
      index == 0 || rows.contains { column.figure($0) != nil }
    }.map(\.element)
  }
}
