/// How a recipe of several stages shows where it is; called from the thread that runs it.
public struct StageObserver: Sendable {
  /// One stage's progress.
  public struct Stage: Sendable {
    /// The count so far, earlier runs included, and a short note (a loss, say).
    public var update: @Sendable (_ count: Int, _ note: String?) -> Void
    public var finish: @Sendable () -> Void

    public init(
      update: @escaping @Sendable (Int, String?) -> Void, finish: @escaping @Sendable () -> Void
    ) {
      self.update = update
      self.finish = finish
    }
  }

  public var begin: @Sendable (_ name: String, _ unit: String, _ total: Int, _ done: Int) -> Stage
  public var isInterrupted: @Sendable () -> Bool

  public init(
    begin: @escaping @Sendable (String, String, Int, Int) -> Stage,
    isInterrupted: @escaping @Sendable () -> Bool
  ) {
    self.begin = begin
    self.isInterrupted = isInterrupted
  }

  /// Shows nothing and never stops.
  public static let silent = StageObserver(
    begin: { _, _, _, _ in Stage(update: { _, _ in }, finish: {}) }, isInterrupted: { false })
}
