/// Where a run is in its plan: all that has to be kept to go on, on any number of ranks.
public struct FeedPosition: Equatable, Sendable {
  /// Steps done.
  public var step: Int
  /// Steps of the plan that are done or were left out.
  public var dataStep: Int
  /// The epoch of the next window; 0 where several stores are blended, each with epochs of its own.
  public var epoch: Int
  /// Windows taken before the next one in this epoch, or of all stores since the start.
  public var window: Int
  /// What names the plan: stores, windows, order and shares, not the number of ranks.
  public var plan: UInt64

  /// A position as it was kept; a plan checks it.
  public init(step: Int, dataStep: Int, epoch: Int, window: Int, plan: UInt64) {
    self.step = step
    self.dataStep = dataStep
    self.epoch = epoch
    self.window = window
    self.plan = plan
  }
}
