internal import RefluxKernels
internal import RefluxModel
public import RefluxTraining

/// Tokens and targets in, a trained model out.
///
/// The output folder gets a checkpoint while it trains, the log (`metrics.jsonl` and an event
/// file), the settings (`run.json`) and the model at the end. The same recipe again resumes from
/// the checkpoint and gives the bits of a run that never stopped.
///
/// Memory: see `Trainer/memory(_:student:sources:teacher:workers:evaluates:writesCheckpoints:)`;
/// a run that does not fit is refused before it begins.
public struct TrainRecipe: Sendable {
  /// What was asked for.
  public var settings: TrainSettings
  /// What trains, as `run.json` says.
  public var software = "reflux"
  /// Fails without a checkpoint to resume from.
  public var resumes = false
  /// Older files of other runs may be replaced; never an input.
  public var replaces = false
  /// Sizes of a student that no file holds yet, in place of reading `student`.
  var newStudent: DecoderConfiguration?

  /// Nothing is opened before the recipe runs.
  public init(_ settings: TrainSettings) { self.settings = settings }

  /// Trains, or resumes, and saves the model.
  ///
  /// - Parameter observer: hears of tokens, notes and rows.
  /// - Returns: where it stopped; `interrupted` where the observer asked for it, with a checkpoint.
  /// - Throws: ``RecipeError`` with the file it is about, and what the observer throws.
  public func run(_ observer: StageObserver = .silent) throws -> TrainingOutcome {
    try TrainRun(self, observer).run()
  }

  /// Takes a few steps to say what the run comes to; nothing is written.
  ///
  /// - Throws: ``RecipeError``; `interrupted` where the observer asked for it. A lack of memory is
  ///   in the result.
  /// - Complexity: some seconds, and the models' loading.
  public func forecast(_ observer: StageObserver = .silent) throws -> TrainForecast {
    try TrainRun(self, observer).forecast()
  }
}
