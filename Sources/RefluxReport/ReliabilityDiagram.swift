/// How often a model is right at each confidence: the figures behind its calibration error.
public struct ReliabilityDiagram: Equatable, Sendable {
  /// One bin of confidence.
  public struct Bin: Equatable, Sendable {
    /// Mean probability of the most probable token over the positions of the bin, 0 to 1.
    public var confidence: Double
    /// Share of those positions whose most probable token is the right one, 0 to 1.
    public var accuracy: Double
    /// How much of the text the bin holds: a count or a share; only the ratio between bins matters.
    public var weight: Double

    /// Makes a bin.
    public init(confidence: Double, accuracy: Double, weight: Double) {
      self.confidence = confidence
      self.accuracy = accuracy
      self.weight = weight
    }
  }

  /// The name of the method, as in `MethodRow.method`: equal names share a colour.
  public var name: String
  /// The bins in ascending order of confidence. Bins of no weight are not drawn.
  public var bins: [Bin]
  /// Expected calibration error over these bins, in percent.
  public var ecePercent: Double?

  /// Makes a diagram.
  public init(name: String, bins: [Bin], ecePercent: Double?) {
    self.name = name
    self.bins = bins
    self.ecePercent = ecePercent
  }
}
