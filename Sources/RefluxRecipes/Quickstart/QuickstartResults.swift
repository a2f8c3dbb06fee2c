public import RefluxJSON
public import RefluxReport
internal import RefluxTargets

/// What a quickstart ends with.
public struct QuickstartResults: Sendable {
  /// One row per model, the teacher first.
  public var rows: [MethodRow]
  /// The table for a terminal.
  public var table: String
  /// The same as Markdown.
  public var markdown: String
  /// What the table comes to, and what the sizes leave out: sentences.
  public var remarks: [String]
  /// Path of the written page.
  public var reportPath: String
}

extension QuickstartResults {
  /// What a script reads: a row per model with units in the keys, the path of the page, and
  /// `remarks` for people. Figures that were not measured or are not finite are null.
  public var json: JSONObject {
    [
      "rows": .array(rows.map { .object(Self.object($0)) }), "report": .string(reportPath),
      "remarks": .array(remarks.map { .string($0) }),
    ]
  }

  private static func object(_ row: MethodRow) -> JSONObject {
    [
      "method": .string(row.method), "loss": row.objective.map { .string($0.rawValue) } ?? .null,
      "lm_loss": number(row.lmLoss), "gap_percent": number(row.gapPercent),
      "ece_percent": number(row.ecePercent), "acceptance_percent": number(row.acceptancePercent),
      "top_one_percent": number(row.topOnePercent),
      "tokens_per_second": number(row.tokensPerSecond),
      "data_wait_percent": number(row.dataWaitPercent),
      "cache_bytes_per_token": number(row.cacheBytesPerToken),
    ]
  }

  private static func number(_ value: Double?) -> JSONValue {
    value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
  }
}
