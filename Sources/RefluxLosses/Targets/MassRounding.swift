/// How far the sum of a set's weights may lie above 1 by their rounding alone.
public struct MassRounding: Sendable, Equatable {
  /// The largest error of a weight, relative to it.
  public var relative: Double
  /// The largest error of a weight that is too small for the relative one.
  public var absolute: Double

  /// The default is that of sums of float32 probabilities.
  public init(relative: Double = 1e-5, absolute: Double = 0) {
    self.relative = relative
    self.absolute = absolute
  }

  /// The largest sum of `count` weights whose exact sum is at most 1.
  func largestMass(ofIDs count: Int) -> Double { 1 + relative + absolute * Double(count) }
}
