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
