/// What a row of a batch is made from.
public struct PlanRow: Equatable, Sendable {
  /// The number of the store.
  public var source: Int
  /// How often the store was gone through before.
  public var epoch: Int
  /// The window of the store.
  public var window: Int

  /// A row; nothing is checked.
  public init(source: Int = 0, epoch: Int = 0, window: Int = 0) {
    self.source = source
    self.epoch = epoch
    self.window = window
  }
}
