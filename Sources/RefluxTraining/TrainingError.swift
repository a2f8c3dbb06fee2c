public import RefluxBytes
public import RefluxEvaluation
public import RefluxFiles
public import RefluxLosses
public import RefluxModel
public import RefluxModelFiles
public import RefluxPipeline
public import RefluxTargets

/// Why training stopped.
public enum TrainingError: Remediable, CustomStringConvertible, RangedError {
  case configuration(name: String, found: String, expected: String)
  /// An option that would change nothing but the run's name.
  case idle(name: String, found: String, reason: String)
  /// The loss or the gradient is NaN or infinite at a step, or the loss a spike.
  case diverged(
    step: Int, what: String, batches: Range<Int>, windows: [Int], checkpoint: String?)
  case missing(what: String, objective: ObjectiveName)
  /// An objective that cannot be learned from these targets, or with these settings.
  case objective(ObjectiveError)
  /// Stores whose sets are of different distributions, each with what it is of.
  case blend(String, String)
  /// What of its run is different from this one, in words.
  case checkpointOfOtherRun([String])
  /// A checkpoint that a run cannot be started from.
  case startingCheckpoint(found: String)
  case damagedCheckpoint(found: String)
  case tooFewTokens(found: Int, needed: Int)
  /// A sample set that the loss has no meaning for, in a row of the batch.
  case target(step: Int, row: Int, LossError)
  /// A file of a run's log cannot be read or written.
  case recording(name: String, FileError)
  case evaluation(EvaluationError)
  case modelFiles(ModelFilesError)
  case model(ModelError)
  case feed(FeedError)
  case file(FileError)

  /// What helps beyond what the description says.
  public var remedy: Remedy? {
    switch self {
    case .diverged: .leaveWindowsOut
    case .checkpointOfOtherRun: .startFromCheckpoint
    case .evaluation(let error): error.remedy
    case .feed(let error): error.remedy
    case .modelFiles(let error): error.remedy
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .configuration(let name, let found, let expected):
      Self.text(name: name, found: found, expected: expected)
    case .idle(let name, let found, let reason):
      "\(name) of \(found) changes nothing: \(reason); leave it out"
    case .diverged(let step, let what, let batches, let windows, let checkpoint):
      "\(what) at step \(step) (batches \(batches.lowerBound)..<\(batches.upperBound) of the plan,"
        + " windows \(listed(windows))); lower the learning rate and start again, or leave them out"
        + (checkpoint.map { " (the checkpoint \($0) is intact)" } ?? "")
    case .missing(let what, let objective):
      "loss '\(objective.rawValue)' needs \(what)"
    case .objective(let error): error.description
    case .blend(let one, let other):
      "the sets of \(one) and of \(other) are of different distributions; a run learns from one"
    case .checkpointOfOtherRun(let differences):
      "belongs to another run (\(differences.joined(separator: "; "))); choose another output"
        + " folder, where it can start from this one's weights and moments"
    case .startingCheckpoint(let found):
      "cannot be started from: \(found); name a checkpoint of the same model and optimizer"
    case .damagedCheckpoint(let found):
      "not a usable checkpoint: \(found); delete it to start again"
    case .tooFewTokens(let found, let needed): Self.text(tokens: found, needed: needed)
    case .target(let step, let row, let error):
      "the sample set of row \(row) of step \(step): \(error)"
    case .recording(let name, let error): "\(name): \(error)"
    case .evaluation(let error): error.description
    case .modelFiles(let error): error.description
    case .model(let error): error.description
    case .feed(let error): error.description
    case .file(let error): error.description
    }
  }
}

extension TrainingError {
  /// What is wrong with a checkpoint, which is written as a model's files are: a refusal of the
  /// system stays one.
  init(_ error: ModelFilesError) {
    if case .file(let error) = error { self = .file(error) } else { self = .modelFiles(error) }
  }
}

/// The first of a step's windows.
private func listed(_ windows: [Int]) -> String {
  let first = windows.prefix(8).map(String.init).joined(separator: ", ")
  return windows.count > 8 ? first + ", ..." : first
}
