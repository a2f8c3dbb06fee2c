public import RefluxBytes
public import RefluxFiles
public import RefluxInterchange
public import RefluxModel
public import RefluxModelFiles
public import RefluxSampling
public import RefluxStorage

/// Why a capture stopped.
public enum CaptureError: Remediable, CustomStringConvertible, RangedError {
  case configuration(name: String, found: String, expected: String)
  case tooFewTokens(found: Int, needed: Int)
  /// Logits made elsewhere that are not as many rows as there are tokens.
  case foreignRows(found: Int, expected: Int)
  /// What is wrong with a row of logits made elsewhere.
  case foreignRow(Int, String)
  case modelFiles(ModelFilesError)
  case model(ModelError)
  case store(StoreError)
  case file(FileError)
  case sampling(SamplingError)
  case interchange(InterchangeError)

  /// What helps beyond what the description says.
  public var remedy: Remedy? {
    switch self {
    case .store(let error): error.remedy
    case .modelFiles(let error): error.remedy
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .configuration(let name, let found, let expected):
      Self.text(name: name, found: found, expected: expected)
    case .tooFewTokens(let found, let needed): Self.text(tokens: found, needed: needed)
    case .foreignRows(let found, let expected):
      "holds \(found) rows, the token store \(expected) tokens; name the logits of these tokens"
    case .foreignRow(let row, let what): "row \(row): \(what); make the file again"
    case .modelFiles(let error): error.description
    case .model(let error): error.description
    case .store(let error): error.description
    case .file(let error): error.description
    case .sampling(let error): error.description
    case .interchange(let error): error.description
    }
  }
}
