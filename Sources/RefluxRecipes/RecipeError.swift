public import RefluxBytes
public import RefluxCapture
public import RefluxEvaluation
public import RefluxFiles
public import RefluxInterchange
public import RefluxModelFiles
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
      .streamWithoutLayout(let path):
      path
    case .tooFewFiles, .interrupted: nil
    }
  }

  public var remedy: Remedy? {
    switch self {
    case .store(_, let error): error.remedy
    case .modelFiles(_, let error): error.remedy
    case .capture(_, let error): error.remedy
    case .evaluation(_, let error): error.remedy
    case .training(_, let error): error.remedy
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
      "line \(line) is not a row of a training's metrics; mend or remove the line"
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
      "exists, and the folder holds no run that made it; choose another output folder or move it away"
    case .tooFewFiles(let found):
      "the text has \(found) file that differs from the others, at least 2 are needed: one is held"
        + " out; name more files"
    case .interrupted: "interrupted"
    }
  }
}
