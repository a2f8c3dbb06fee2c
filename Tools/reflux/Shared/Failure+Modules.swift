import RefluxBenchmarks
import RefluxBytes
import RefluxCapture
import RefluxEvaluation
import RefluxFiles
import RefluxInterchange
import RefluxJSON
import RefluxLosses
import RefluxModel
import RefluxModelFiles
import RefluxPipeline
import RefluxRecipes
import RefluxStorage
import RefluxTokens
import RefluxTraining

/// The one place that knows every module's errors: what each means to the caller of the command.
extension Failure {
  /// Bad data when the content of a file is at fault, failed for everything else.
  static func exitCode(of error: any Error) -> ExitCode {
    switch error {
    case let error as FileError: exitCode(of: error)
    case let error as OutputError: exitCode(of: error)
    case let error as StoreError: exitCode(of: error)
    case let error as TokenizerError: exitCode(of: error)
    case let error as RecipeError: exitCode(of: error)
    case let error as ModelFilesError: exitCode(of: error)
    case let error as CaptureError: exitCode(of: error)
    case let error as EvaluationError: exitCode(of: error)
    case let error as TrainingError: exitCode(of: error)
    case let error as BenchmarkError: exitCode(of: error)
    case let error as ObjectiveError: exitCode(of: error)
    case let error as FeedError: exitCode(of: error)
    case is ModelError, is InterchangeError, is JSONError: .badData
    default: .failed
    }
  }

  /// The clause that the error's own module wrote.
  static func message(of error: any Error) -> String {
    if case TokenizerError.json = error {
      return "\(error); name the tokenizer.json of a byte-level BPE tokenizer"
    }
    if let error = error as? OutputError { return message(of: error) }
    if let error = objective(of: error) { return message(of: error) }
    if case .selection(_, let error) = error as? RecipeError { return message(of: error) }
    if case .learning(_, .noPosition) = error as? RecipeError {
      return "\(error)".replacing("the position", with: "--position")
    }
    let remedy = (error as? any Remediable)?.remedy
    return String(describing: error) + (remedy.map(words(for:)) ?? "")
  }

  /// The objective's error that another module's holds.
  private static func objective(of error: any Error) -> ObjectiveError? {
    switch error {
    case let error as ObjectiveError: error
    case TrainingError.objective(let error): error
    case RecipeError.objective(_, let error): error
    case EvaluationError.objective(let error), RecipeError.evaluation(_, .objective(let error)):
      error
    case RecipeError.training(_, let error), RecipeError.trainingSettings(let error):
      objective(of: error)
    default: nil
    }
  }

  /// What helps, as the command calls it; to be put after a message.
  static func words(for remedy: Remedy) -> String {
    switch remedy {
    case .recover: " ('reflux recover')"
    case .join: " ('reflux merge')"
    case .joinByManifest: " ('reflux merge --manifest')"
    case .nameField: " (--field)"
    case .replaceBrokenText: " (--on-bad-line replace)"
    case .readAsText: ", or read it as it is (--format text)"
    case .nameLayout: ": --format text or jsonl"
    case .nameVocabulary: " (--vocabulary)"
    case .nameEndOfText: " (--end-of-text)"
    case .replaceOutput: ", or replace it with --force"
    case .leaveWindowsOut: " ('reflux explain-step' shows their records; --skip)"
    case .startFromCheckpoint: " (--from-checkpoint)"
    case .simulateLess: " (--simulated-size)"
    case .settings(let advice): "; " + OptionName.named(in: advice)
    }
  }

  /// The file that the error itself names, where its module knows it better than the verb.
  static func path(of error: any Error) -> String? {
    if case .otherTokenizer(let owner, _, _) = error as? ModelFilesError { return owner }
    return (error as? OutputError)?.path ?? (error as? RecipeError)?.path
      ?? (error as? BenchmarkError)?.path
  }

  /// What the system refuses says nothing of a file's content; that it is a pointer does.
  private static func exitCode(of error: FileError) -> ExitCode {
    error == .pointer ? .badData : .failed
  }

  private static func exitCode(of error: StoreError) -> ExitCode {
    switch error {
    case .file(let error): exitCode(of: error)
    case .configuration, .differentPartial, .differentStore, .writerFailed: .failed
    case .outOfRange: .usage
    case .empty, .notAStore, .convertedLineEnds, .unsupportedVersion, .unsupportedFeatures,
      .unsealed, .unfinished, .wrongKind, .otherValues, .damaged, .tokensDiffer,
      .moreSamplesThanTokens,
      .vocabulariesDiffer, .refused, .onlyAShard, .manifest, .manifestIsStale, .noManifest, .join:
      .badData
    case .stopped: .interrupted
    case .shard(_, let error): exitCode(of: error)
    }
  }

  private static func exitCode(of error: TokenizerError) -> ExitCode {
    switch error {
    case .vocabularySize: .usage
    default: .badData
    }
  }

  private static func exitCode(of error: RecipeError) -> ExitCode {
    switch error {
    case .file(_, let error): exitCode(of: error)
    case .store(_, let error): exitCode(of: error)
    case .tokenizer(_, let error): exitCode(of: error)
    case .modelFiles(_, let error): exitCode(of: error)
    case .capture(_, let error): exitCode(of: error)
    case .evaluation(_, let error): exitCode(of: error)
    case .training(_, let error), .trainingSettings(let error): exitCode(of: error)
    case .feed(_, let error): exitCode(of: error)
    case .output(let error): exitCode(of: error)
    case .learning(_, let error): exitCode(of: error)
    case .objective(_, let error): exitCode(of: error)
    case .selection, .json, .model, .emptyFile, .noText, .noTextFile, .jsonLine, .metricsLine,
      .noRun, .foreign,
      .noElements,
      .tooFewFiles:
      .badData
    case .otherRun, .foreignProduct, .other: .failed
    case .streamWithoutLayout, .noBFloat16: .usage
    case .interrupted: .interrupted
    }
  }

  private static func exitCode(of error: LearningError) -> ExitCode {
    switch error {
    case .noModel, .modelTooLarge, .memory, .noCheckpoint, .noTokenizer: .failed
    case .noLength, .noToken, .outOfRange, .emptyRange: .usage
    case .lessThanAStep, .tokenizerTooLarge, .draftTooSmall, .noPosition, .vocabularies:
      .badData
    }
  }

  private static func exitCode(of error: BenchmarkError) -> ExitCode {
    switch error {
    case .file, .simulation, .feed: .failed
    case .store(_, let error): exitCode(of: error)
    case .weighted, .tooFewRecords: .badData
    case .interrupted: .interrupted
    }
  }

  private static func exitCode(of error: TrainingError) -> ExitCode {
    switch error {
    case .evaluation(let error): exitCode(of: error)
    case .modelFiles(let error): exitCode(of: error)
    case .file(let error): exitCode(of: error)
    case .feed(let error): exitCode(of: error)
    case .configuration, .idle, .missing: .usage
    case .objective(let error): exitCode(of: error)
    case .damagedCheckpoint, .startingCheckpoint, .tooFewTokens, .model, .target, .blend:
      .badData
    case .diverged, .checkpointOfOtherRun, .recording: .failed
    }
  }

  private static func exitCode(of error: ModelFilesError) -> ExitCode {
    switch error {
    case .store(let error): exitCode(of: error)
    case .file(let error): exitCode(of: error)
    case .shard(_, let error): exitCode(of: error)
    case .tokenizer(let error): exitCode(of: error)
    case .vocabulary, .otherTokenizer, .idInPadding, .sideFile, .weight, .damagedModel, .model,
      .interchange:
      .badData
    case .weightBeyondFormat: .failed
    }
  }

  private static func exitCode(of error: CaptureError) -> ExitCode {
    switch error {
    case .modelFiles(let error): exitCode(of: error)
    case .store(let error): exitCode(of: error)
    case .file(let error): exitCode(of: error)
    case .configuration: .usage
    case .tooFewTokens, .foreignRows, .foreignRow, .model, .interchange: .badData
    case .sampling: .failed
    }
  }

  private static func exitCode(of error: EvaluationError) -> ExitCode {
    switch error {
    case .modelFiles(let error): exitCode(of: error)
    case .feed(let error): exitCode(of: error)
    case .configuration: .usage
    case .tooFewTokens, .noLabels, .logits, .model, .otherTarget: .badData
    case .sampling: .failed
    case .objective(let error): exitCode(of: error)
    }
  }

  private static func exitCode(of error: FeedError) -> ExitCode {
    switch error {
    case .configuration, .weights, .weightSum, .phase, .skippedSteps, .missingSamples,
      .otherPlan:
      .usage
    case .mismatch(let error), .tokens(let error, _), .samples(let error, _),
      .tokenWeights(let error, _), .source(_, let error), .unreadable(let error, _):
      exitCode(of: error)
    case .blended(_, let error): exitCode(of: error)
    case .tooFewTokens, .tooFewWeighted, .contextDiffers, .packingDiffers, .tooFewSamples,
      .vocabularies, .mix, .missingScalar:
      .badData
    case .finished: .failed
    case .cancelled: .interrupted
    }
  }
}
