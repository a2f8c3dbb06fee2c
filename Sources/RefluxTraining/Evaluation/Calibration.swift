/// Confidence against accuracy of arg-max predictions, in equal-width bins of confidence.
public struct Calibration: Sendable, Equatable {
  /// One bin: sums over its predictions.
  public struct Bin: Sendable, Equatable {
    public var count = 0
    public var confidence = 0.0
    public var correct = 0
  }

  public private(set) var bins: [Bin]

  public init(binCount: Int = 15) { bins = Array(repeating: Bin(), count: binCount) }

  public mutating func add(confidence: Double, correct: Bool) {
    let place = confidence.isFinite ? confidence * Double(bins.count) : 0
    let bin = min(max(Int(place), 0), bins.count - 1)
    bins[bin].count += 1
    bins[bin].confidence += confidence
    bins[bin].correct += correct ? 1 : 0
  }

  public mutating func add(_ other: Calibration) {
    for index in bins.indices {
      bins[index].count += other.bins[index].count
      bins[index].confidence += other.bins[index].confidence
      bins[index].correct += other.bins[index].correct
    }
  }

  /// Expected calibration error: sum of |accuracy - confidence| weighted by count, in percent.
  public var errorPercent: Double {
    let total = bins.reduce(0) { $0 + $1.count }
    let gaps = bins.reduce(0.0) { $0 + abs(Double($1.correct) - $1.confidence) }
    return total == 0 ? 0 : 100 * gaps / Double(total)
  }

  /// Share of correct predictions, in percent.
  public var accuracyPercent: Double {
    let total = bins.reduce(0) { $0 + $1.count }
    return total == 0 ? 0 : 100 * Double(bins.reduce(0) { $0 + $1.correct }) / Double(total)
  }
}
