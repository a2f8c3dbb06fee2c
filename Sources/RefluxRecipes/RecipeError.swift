public import RefluxBytes
public import RefluxCapture
public import RefluxEvaluation
public import RefluxFiles
public import RefluxInterchange
public import RefluxJSON
public import RefluxLosses
public import RefluxModel
public import RefluxModelFiles
public import RefluxPipeline
public import RefluxStorage
public import RefluxTokens
public import RefluxTraining

/// Why a recipe stopped. Recipes handle many files, so each case carries the one it is about;
/// the description leaves it out, the command puts it in front.
public enum RecipeError: Remediable, Sendable, CustomStringConvertible {
  /// The system refused something about a file.
  case file(path: String, FileError)
  /// A store could not be written or read.
  case store(path: String, StoreError)
  /// A tokenizer could not be trained or read.
  case tokenizer(path: String, TokenizerError)
  /// A file that was named holds no bytes; `expected` says what it should hold.
  case emptyFile(path: String, expected: String)
  /// A folder, or all that was named, holds no text.
  case noText(path: String, binaryFiles: Int)
  /// Standard input or a pipe, which has no name to tell how documents lie in it.
  case streamWithoutLayout(path: String)
  /// A file that was named is no text.
  case noTextFile(path: String, FileContent)
  /// A line of a JSON Lines file is not an object with a string under the field's name.
  case jsonLine(path: String, line: Int, JSONLineError)
  /// A line of a run's `metrics.jsonl` is not an object with step and tokens.
  case metricsLine(path: String, line: Int)
  /// A folder that no training has logged to.
  case noRun(path: String)
  /// A file of a foreign format is not what it should be.
  case foreign(path: String, InterchangeError)
  /// An array without elements.
  case noElements(path: String)
  /// A model's files cannot be read or written, or do not belong to the stores.
  case modelFiles(path: String, ModelFilesError)
  /// A capture stopped.
  case capture(path: String, CaptureError)
  /// An evaluation stopped.
  case evaluation(path: String, EvaluationError)
  /// Training stopped.
  case training(path: String, TrainingError)
  /// Stores cannot be cut into the batches that were asked for, or read.
  case feed(path: String, FeedError)
  /// A file or a setting that is to be JSON.
  case json(path: String, JSONError)
  /// A model's sizes, or what was asked of them, cannot be.
  case model(path: String, ModelError)
  /// Something may not be written where it was to go.
  case output(OutputError)
  /// An objective cannot be computed; the path is that of the arrays, where they are at fault.
  case objective(path: String?, ObjectiveError)
  /// Nothing can be selected from a file.
  case selection(path: String, SelectionError)
  /// Settings of a training that exclude each other, or what the stores say.
  case trainingSettings(TrainingError)
  /// Settings, models and stores do not go together, or not on this machine.
  case learning(path: String, LearningError)
  /// Products that this processor has no instructions for.
  case noBFloat16
  /// An error of a module that no other case holds.
  case other(path: String, String)
  /// A folder holds the products of a run with other settings or other text.
  case otherRun(path: String)
  /// Something that no run has made lies where one of its products is to be.
  case foreignProduct(path: String)
  /// A corpus that cannot be split into training and held-out files.
  case tooFewFiles(found: Int)
  /// The observer asked for the end.
  case interrupted

  /// The file or folder it is about.
  public var path: String? {
    switch self {
    case .file(let path, _), .store(let path, _), .tokenizer(let path, _), .emptyFile(let path, _),
      .noText(let path, _), .jsonLine(let path, _, _), .metricsLine(let path, _),
      .noRun(let path), .foreign(let path, _), .noElements(let path), .modelFiles(let path, _),
      .capture(let path, _), .evaluation(let path, _), .training(let path, _),
      .otherRun(let path), .foreignProduct(let path), .noTextFile(let path, _),
      .streamWithoutLayout(let path), .feed(let path, _), .json(let path, _),
      .model(let path, _), .learning(let path, _), .other(let path, _),
      .selection(let path, _):
      path
    case .output(let error): error.path
    case .objective(let path, _): path
    case .trainingSettings, .noBFloat16, .tooFewFiles, .interrupted: nil
    }
  }

  /// What helps beyond what the description says.
  public var remedy: Remedy? {
    switch self {
    case .store(_, let error): error.remedy
    case .modelFiles(_, let error): error.remedy
    case .capture(_, let error): error.remedy
    case .evaluation(_, let error): error.remedy
    case .training(_, let error): error.remedy
    case .feed(_, let error): error.remedy
    case .trainingSettings(let error): error.remedy
    case .learning(_, let error): error.remedy
    case .output(let error): error.mayBeReplaced ? .replaceOutput : nil
    case .jsonLine(_, _, let error): error.remedy
    case .streamWithoutLayout: .nameLayout
    case .noTextFile(_, .jsonArray): .readAsText
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .file(_, let error): error.description
    case .store(_, let error): error.description
    case .tokenizer(_, let error): error.description
    case .emptyFile(_, let expected): "the file is empty; name a file that holds \(expected)"
    case .noText(_, let binary):
      "no text was found"
        + (binary > 0 ? " (binary files passed over: \(binary))" : "")
        + "; name a folder or files that hold text"
    case .streamWithoutLayout: "a stream does not say how documents lie in it; name the format"
    case .noTextFile(_, let content): "\(content.name); \(content.advice)"
    case .jsonLine(_, let line, let error): "line \(line): \(error)"
    case .metricsLine(_, let line):
      "line \(line) is not a row of a training's metrics; fix or remove the line"
    case .noRun:
      "holds no metrics.jsonl, nor do the folders in it; name a folder that a training logged to"
    case .foreign(_, .notThisFormat(let expected, let found)):
      "\(InterchangeError.notThisFormat(expected: expected, found: found)); name \(expected)"
    case .foreign(_, let error): error.description
    case .noElements: "the array has no elements; name one that holds token ids"
    case .modelFiles(_, let error): error.description
    case .capture(_, let error): error.description
    case .evaluation(_, let error): error.description
    case .training(_, let error): error.description
    case .otherRun:
      "holds a run with other settings or other text; choose another output folder or delete it"
    case .foreignProduct:
      "exists, and the folder holds no run that made it; choose another output folder or move it"
        + " away"
    case .tooFewFiles(let found):
      "the text has \(found) file that differs from the others, at least 2 are needed: one is held"
        + " out; name more files"
    case .interrupted: "interrupted"
    case .feed(_, let error): error.description
    case .json(_, let error): error.description
    case .model(_, let error): error.description
    case .output(let error): error.description
    case .trainingSettings(let error): error.description
    case .objective(_, let error): error.description
    case .selection(_, let error): error.description
    case .learning(_, let error): error.description
    case .noBFloat16:
      "the precision bfloat16 needs a processor with AVX-512 or the like; use float32"
    case .other(_, let text): text
    }
  }
}

extension RecipeError {
  /// A module's error, about a path; nil for what no module of the library throws.
  static func known(_ error: any Error, at path: String) -> RecipeError? {
    switch error {
    case let error as RecipeError: error
    case let error as FileError: .file(path: path, error)
    case let error as StoreError: .store(path: path, error)
    case let error as TokenizerError: .tokenizer(path: path, error)
    case let error as InterchangeError: .foreign(path: path, error)
    case let error as ModelFilesError: .modelFiles(path: path, error)
    case let error as CaptureError: .capture(path: path, error)
    case let error as EvaluationError: .evaluation(path: path, error)
    case let error as TrainingError: .training(path: path, error)
    case let error as FeedError: .feed(path: path, error)
    case let error as JSONError: .json(path: path, error)
    case let error as ModelError: .model(path: path, error)
    case let error as OutputError: .output(error)
    default: nil
    }
  }
}

/// Runs `body`; a module's error leaves with the path it is about.
func naming<Result>(
  _ path: String, _ body: () throws -> Result
) throws(RecipeError) -> Result {
  do { return try body() } catch {
    throw .known(error, at: path) ?? .other(path: path, "\(error)")
  }
}
