/// How a recipe of several stages shows where it is; called from the thread that runs it.
public struct StageObserver: Sendable {
  /// One stage's progress.
  public struct Stage: Sendable {
    /// The count so far, earlier runs included, and a short note (a loss, say).
    public var update: @Sendable (_ count: Int, _ note: String?) -> Void
    /// Called once at the end of a complete stage, not of one that fails or is interrupted.
    public var finish: @Sendable () -> Void

    /// Both are called from the thread that runs the recipe.
    public init(
      update: @escaping @Sendable (Int, String?) -> Void, finish: @escaping @Sendable () -> Void
    ) {
      self.update = update
      self.finish = finish
    }
  }

  /// Starts a stage: its title, what it counts, how many there are, how many are done already.
  public var begin: @Sendable (_ name: String, _ unit: String, _ total: Int, _ done: Int) -> Stage
  /// Asked often; true ends the recipe with `interrupted`.
  public var isInterrupted: @Sendable () -> Bool

  /// Nothing is called before the recipe runs.
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
