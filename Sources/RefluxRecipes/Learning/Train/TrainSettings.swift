internal import RefluxFiles
internal import RefluxLosses
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
  /// T of the loss; nil is what the loss says, or 1.
  public var temperature: Double?
  /// Loss, optimizer, rates, checkpoints; its window, steps, warm-up, seed and temperature are
  /// those above, and what the loss is learned from is decided by the data.
  public var training = TrainingConfiguration(
    objective: ObjectiveChoice(.ce), steps: 1, checkpointSteps: 100)
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
    try checkTargets()
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

  /// Refuses a loss with nothing to learn from; whether sets fit is known when they are open.
  private func checkTargets() throws(SettingError) {
    let (name, kinds) = (training.objective.name, training.objective.name.entry.kinds)
    let hasTeacher = teacher != nil && kinds.contains(.dense)
    // The sets of a mix stand in its file.
    if kinds.contains(.label) || hasTeacher || data.samples != nil { return }
    let takesSets = kinds.contains(where: \.isOfSets)
    if takesSets && data.mix != nil { return }
    let needs = [takesSets ? "'samples'" : nil, kinds.contains(.dense) ? "'teacher'" : nil]
    throw .combination(
      "the loss '\(name.rawValue)' needs " + needs.compactMap { $0 }.joined(separator: " or "))
  }

  /// The run's configuration, with what the data and the student have decided.
  public func configuration(window: Int, steps: Int) -> TrainingConfiguration {
    var result = training
    result.kind = training.objective.name.entry.kinds[0]
    result.loss.temperature = temperature ?? training.objective.temperature
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
  /// A note for each input that the loss, learned from a kind of target, does not learn from: what
  /// is still looked at of it.
  func idleInputs(_ kind: TargetKind) -> [RecipeNote] {
    let objective = training.objective.name
    var notes: [RecipeNote] = []
    if let teacher, kind != .dense { notes.append(.idleTeacher(path: teacher, objective)) }
    if let samples = data.samples, !kind.isOfSets {
      notes.append(.idleSamples(path: samples, objective))
    }
    return notes
  }

  /// The file of numbers that the loss names, if any.
  var table: String? { training.objective.word("table") }

  /// The folder of the event file: TensorBoard takes each folder for a run.
  var eventFolder: String {
    let place = FileSystem.place(of: output)
    guard let tensorboard, FileSystem.place(of: tensorboard) != place else { return output }
    return tensorboard + "/" + FileSystem.name(of: place)
  }
}
