/// Layers whose positions see only the last `size` positions, themselves included.
public struct SlidingWindow: Equatable, Sendable {
  /// Positions that one sees.
  public var size: Int
  /// The first layer with the window; those before it see all.
  public var firstLayer: Int

  /// Every layer has the window unless `firstLayer` says otherwise.
  public init(size: Int, firstLayer: Int = 0) {
    self.size = size
    self.firstLayer = firstLayer
  }
}
