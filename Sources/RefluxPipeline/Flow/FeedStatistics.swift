public import RefluxJSON

/// Where the time of a feed went: a histogram per stage, one entry per batch that was delivered.
public struct FeedStatistics: Sendable, Equatable {
  private var histograms: [StageHistogram]

  init() { histograms = FeedStage.allCases.map { _ in StageHistogram() } }

  /// The times of a stage.
  public subscript(stage: FeedStage) -> StageHistogram {
    histograms[Self.index(stage)]
  }

  mutating func add(_ batch: borrowing Batch, wait: UInt64) {
    for index in histograms.indices where index != Self.index(.wait) {
      histograms[index].add(nanoseconds: batch.stageNanoseconds[index])
    }
    histograms[Self.index(.wait)].add(nanoseconds: wait)
  }

  static func index(_ stage: FeedStage) -> Int {
    FeedStage.allCases.firstIndex(of: stage) ?? 0
  }

  /// Per stage: batches, total seconds, the median and the slowest hundredth in ms, rounded up to
  /// powers of two.
  public var json: JSONObject {
    JSONObject(
      FeedStage.allCases.map { stage in
        let histogram = self[stage]
        let figures: JSONObject = [
          "batches": .integer(histogram.count),
          "seconds": .number(Double(histogram.nanoseconds) * 1e-9),
          "median_ms": .number(Double(histogram.quantile(0.5)) * 1e-6),
          "p99_ms": .number(Double(histogram.quantile(0.99)) * 1e-6),
        ]
        return .init(stage.rawValue, .object(figures))
      })
  }
}
