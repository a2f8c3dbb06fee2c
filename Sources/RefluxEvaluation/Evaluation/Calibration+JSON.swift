public import RefluxJSON

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
