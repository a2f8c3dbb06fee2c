/// Layers whose positions see only the last `size` positions, themselves included.
public struct SlidingWindow: Equatable, Sendable {
  /// Positions that one sees.
  public var size: Int
  /// Which layers have the window, one element for each layer; nil for all.
  public var layers: [Bool]?

  /// Every layer has the window unless `layers` says otherwise.
  public init(size: Int, layers: [Bool]? = nil) {
    self.size = size
    self.layers = layers
  }
}
