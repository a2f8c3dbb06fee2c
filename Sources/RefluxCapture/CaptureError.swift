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
      "\(name) is \(found), expected \(expected)"
    case .tooFewTokens(let found, let needed):
      "holds \(found) tokens, at least \(needed) are needed; use more text or smaller windows"
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
