public import RefluxEvaluation
public import RefluxReport

extension Calibration {
  /// The bins that have predictions, as a reliability diagram shows them.
  public var reliability: [ReliabilityDiagram.Bin] {
    bins.filter { $0.count > 0 }.map { bin in
      let count = Double(bin.count)
      return .init(
        confidence: bin.confidence / count, accuracy: Double(bin.correct) / count, weight: count)
    }
  }
}
