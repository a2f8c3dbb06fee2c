internal import RefluxFiles
public import RefluxModel
public import RefluxModelFiles
internal import RefluxPipeline
public import RefluxSettings
internal import RefluxTargets
public import RefluxTraining

/// What `train` can be told.
///
/// ``training`` holds what decides a run; what is nil here is decided by the data,
/// the student or the machine, and a run's own file says how (see ``resolved(_:precision:)``).
public struct TrainSettings: Settings {
  /// A config.json, or a model's folder.
  public var student = ""
  /// A model's folder.
  public var teacher: String?
  /// Folder for the model and its checkpoint.
  public var output = ""
  /// A tokenizer.json, or a folder with one.
  public var tokenizer: String?
  /// Which stores batches come from.
  public var data = SourceSettings()
  /// Tokens per window.
  public var window: Int?
  /// Seed of the order of windows; nil is that of the weights.
  public var dataSeed: UInt64?
  /// Seed of the initial weights.
  public var seed: UInt64 = 0
  /// Updates of the weights.
  public var steps: Int?
  /// Passes over the tokens, instead of ``steps``.
  public var epochs: Double?
  /// Steps of linear warm-up.
  public var warmupSteps: Int?
  /// Loss, optimizer, rates, checkpoints; its window, steps, warm-up and seed are those above.
  public var training = TrainingConfiguration(objective: .ce, steps: 1, checkpointSteps: 100)
  /// Checkpoint of another run to start from.
  public var fromCheckpoint: String?
  /// Numbers of the saved weights.
  public var weightFormat = WeightFormat.float32
  /// Token store to evaluate on while training.
  public var heldOut: String?
  /// Steps from one evaluation to the next.
  public var evaluateEvery: Int?
  /// At most so many tokens of an evaluation.
  public var evaluateTokens: Int?
  /// Folder for the TensorBoard event file.
  public var tensorboard: String?
  /// Steps from one line of the log to the next.
  public var logSteps = 1
  /// Number format and threads.
  public var compute = ComputeSettings()

  /// All defaults; student, loss, output and data are to be named.
  public init() {}

  /// The verb of the command.
  public static let verb = "train"

  /// Checks the settings beside each other.
  ///
  /// - Throws: `combination`.
  public func check() throws(SettingError) {
    if steps != nil ? epochs != nil : epochs == nil && data.mix == nil {
      throw .combination("one of 'steps' and 'epochs' is needed")
    }
    try data.check()
    if training.objective.needsSamples && data.tokens != nil && data.samples == nil {
      throw .combination("the loss '\(training.objective.rawValue)' needs 'samples'")
    }
    if training.objective.needsTeacher && teacher == nil {
      throw .combination("the loss '\(training.objective.rawValue)' needs 'teacher'")
    }
    if heldOut == nil, evaluateEvery != nil || evaluateTokens != nil {
      throw .combination("'evaluate_every' and 'evaluate_tokens' need 'held_out'")
    }
    // What a store of a mix says, and how long the run is, is known later.
    let configuration = configuration(window: window ?? 256, steps: steps ?? 1 << 32)
    do throws(TrainingError) {
      if data.mix == nil { try configuration.validate(shares: [nil]) }
      try configuration.validate()
    } catch { throw .combination(error.description) }
  }

  /// The run's configuration, with what the data and the student have decided.
  public func configuration(window: Int, steps: Int) -> TrainingConfiguration {
    var result = training
    result.feed.window = window
    result.feed.seed = dataSeed ?? seed
    result.steps = steps
    let room = max(0, steps - (training.decaySteps ?? 0))
    result.warmupSteps = warmupSteps ?? min(50, steps / 5, room)
    return result
  }

  /// The settings with everything that was decided for them, so that another machine, or another
  /// version with other defaults, repeats the run.
  public func resolved(
    _ configuration: TrainingConfiguration, precision: Precision
  ) -> TrainSettings {
    var result = self
    (result.window, result.steps, result.epochs) = (
      configuration.window, configuration.steps, nil
    )
    result.warmupSteps = configuration.warmupSteps
    result.dataSeed = configuration.feed.seed
    result.data.packing = configuration.feed.packing
    result.compute.precision = precision
    return result
  }
}

extension TrainSettings {
  /// A note for each input that the loss does not learn from: what is still looked at of it.
  var idleInputs: [RecipeNote] {
    let objective = training.objective
    var notes: [RecipeNote] = []
    if let teacher, !objective.needsTeacher {
      notes.append(.idleTeacher(path: teacher, objective))
    }
    if let samples = data.samples, !objective.needsSamples {
      notes.append(.idleSamples(path: samples, objective))
    }
    return notes
  }

  /// The folder of the event file: TensorBoard takes each folder for a run.
  var eventFolder: String {
    let place = FileSystem.place(of: output)
    guard let tensorboard, FileSystem.place(of: tensorboard) != place else { return output }
    return tensorboard + "/" + FileSystem.name(of: place)
  }
}
