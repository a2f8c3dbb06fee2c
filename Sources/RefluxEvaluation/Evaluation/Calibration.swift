public import RefluxJSON

/// Confidence against accuracy of arg-max predictions, in equal-width bins of confidence.
public struct Calibration: Sendable, Equatable {
  /// One bin: sums over its predictions.
  public struct Bin: Sendable, Equatable {
    /// Predictions.
    public var count = 0
    /// Sum of the arg-max's probabilities, each in 0...1.
    public var confidence = 0.0
    /// Predictions whose arg-max was the label.
    public var correct = 0
  }

  /// Ascending: bin i of n has confidences in i / n ..< (i + 1) / n, the last one also 1.
  public private(set) var bins: [Bin]

  /// No predictions yet; at least one bin.
  public init(binCount: Int = 15) { bins = Array(repeating: Bin(), count: binCount) }

  /// Counts one prediction; `confidence` is the probability, 0...1, of its arg-max.
  public mutating func add(confidence: Double, correct: Bool) {
    let place = confidence.isFinite ? confidence * Double(bins.count) : 0
    let bin = min(max(Int(place), 0), bins.count - 1)
    bins[bin].count += 1
    bins[bin].confidence += confidence
    bins[bin].correct += correct ? 1 : 0
  }

  /// Adds the predictions of `other`, which must have as many bins.
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

extension Calibration {
  /// The bins that have predictions, ascending: objects of `count`, `confidence` (mean, 0...1) and
  /// `accuracy` (0...1), which is what a reliability diagram shows.
  public var json: JSONValue {
    .array(
      bins.filter { $0.count > 0 }.map { bin in
        let confidence = bin.confidence / Double(bin.count)
        return .object([
          "count": .integer(bin.count),
          "confidence": confidence.isFinite ? .number(confidence) : .null,
          "accuracy": .number(Double(bin.correct) / Double(bin.count)),
        ])
      })
  }
}
