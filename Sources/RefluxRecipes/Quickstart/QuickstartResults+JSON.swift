public import RefluxJSON
internal import RefluxReport

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
      "method": .string(row.method), "loss": row.isTeacher ? .null : .string(row.lossName),
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
