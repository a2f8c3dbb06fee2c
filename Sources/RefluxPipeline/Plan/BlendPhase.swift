/// The shares of several stores from one place of a run on.
public struct BlendPhase: Sendable, Equatable {
  /// Windows of all stores and ranks that a run takes before it; not steps, so that it means the
  /// same for any number of ranks.
  public var firstWindow: Int
  /// The share of each store in proportion to the others, in windows; whole numbers so that no
  /// machine rounds them otherwise.
  public var weights: [Int]

  /// Takes the values as they are; the plan checks them.
  public init(firstWindow: Int, weights: [Int]) {
    self.firstWindow = firstWindow
    self.weights = weights
  }
}
