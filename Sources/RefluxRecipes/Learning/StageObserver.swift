/// How a recipe of several stages says where it is; called from the thread that runs it.
public struct StageObserver: Sendable {
  /// One stage's progress.
  public struct Stage: Sendable {
    /// The count so far, earlier runs included; the count at the end, where it has become known;
    /// and how a training goes.
    public var update: @Sendable (_ count: Int, _ total: Int?, _ figures: TrainingFigures?) -> Void
    /// Called once when the work of a stage ends, whether it is complete or stopped as asked; not
    /// of one that fails.
    public var finish: @Sendable () -> Void

    /// Both are called from the thread that runs the recipe.
    public init(
      update: @escaping @Sendable (Int, Int?, TrainingFigures?) -> Void,
      finish: @escaping @Sendable () -> Void
    ) {
      self.update = update
      self.finish = finish
    }
  }

  /// Starts a stage: its title, what it counts, how many there are where that is known, how many
  /// are done already.
  public var begin: @Sendable (_ name: String, _ unit: String, _ total: Int?, _ done: Int) -> Stage
  /// Takes what is worth knowing and stops nothing.
  public var note: @Sendable (RecipeNote) -> Void
  /// Takes what a training is, before its first step, and each logged step. What it throws ends the
  /// recipe and leaves as it is.
  public var row: @Sendable (TrainingRow) throws -> Void
  /// Asked often; true ends the recipe at the next safe place.
  public var isInterrupted: @Sendable () -> Bool

  /// Nothing is called before the recipe runs.
  public init(
    begin: @escaping @Sendable (String, String, Int?, Int) -> Stage,
    note: @escaping @Sendable (RecipeNote) -> Void = { _ in },
    row: @escaping @Sendable (TrainingRow) throws -> Void = { _ in },
    isInterrupted: @escaping @Sendable () -> Bool
  ) {
    self.begin = begin
    self.note = note
    self.row = row
    self.isInterrupted = isInterrupted
  }

  /// Shows nothing and never stops.
  public static let silent = StageObserver(
    begin: { _, _, _, _ in Stage(update: { _, _, _ in }, finish: {}) }, isInterrupted: { false })

  /// The same for a part of a larger recipe, which calls its one stage `title` and has no use for
  /// notes and rows.
  func titled(_ title: String) -> StageObserver {
    StageObserver(
      begin: { _, unit, total, done in begin(title, unit, total, done) },
      isInterrupted: isInterrupted)
  }

  func check() throws(RecipeError) {
    if isInterrupted() { throw .interrupted }
  }
}
