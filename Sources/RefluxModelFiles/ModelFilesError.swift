public import RefluxBytes
public import RefluxFiles
public import RefluxInterchange
public import RefluxModel
public import RefluxStorage
public import RefluxTokens

/// Why a model's files cannot be read or written, or do not belong to the stores beside them.
public enum ModelFilesError: Remediable, CustomStringConvertible {
  case vocabulary(found: Int, expected: Int)
  /// A store or a model's folder whose ids are of another tokenizer; both with their hashes.
  case otherTokenizer(owner: String, found: String, expected: String)
  /// A stored id for which the smaller of two tables has no row.
  case idInPadding(found: Int, vocabulary: Int)
  /// A weight in a model's file is NaN or infinite.
  case weight(tensor: String, element: Int, found: Float)
  /// A weight that the format of a file has no finite number for.
  case weightBeyondFormat(tensor: String, element: Int, found: Float, format: WeightFormat)
  /// A file beside a model's weights, by its name, and what is wrong with it.
  case sideFile(name: String, String)
  /// The values of a model's file do not have the hash that was stored with them.
  case damagedModel
  /// What is wrong with one of a model's files.
  indirect case shard(name: String, ModelFilesError)
  case tokenizer(TokenizerError)
  case model(ModelError)
  case store(StoreError)
  case file(FileError)
  case interchange(InterchangeError)

  /// What helps beyond what the description says.
  public var remedy: Remedy? {
    switch self {
    case .store(let error): error.remedy
    case .shard(_, let error): error.remedy
    default: nil
    }
  }

  public var description: String {
    switch self {
    case .vocabulary(let found, let expected):
      "the model has \(found) ids, the store \(expected); use the tokens of the model's tokenizer"
    case .otherTokenizer(_, let found, let expected):
      "its tokenizer (\(found)) is not that of the other ids (\(expected)): equal ids mean other"
        + " texts; tokenize the text with the model's tokenizer.json, or name what belongs together"
    case .idInPadding(let found, let vocabulary):
      "id \(found) is stored, the model has \(vocabulary) ids: only padding may lie beyond"
        + " them; use a model with a row for every token"
    case .weight(let tensor, let element, let found):
      "element \(element) of tensor '\(foreign: tensor)' is \(found), expected a finite number;"
        + " use a model whose training did not diverge"
    case .weightBeyondFormat(let tensor, let element, let found, let format):
      "element \(element) of tensor '\(foreign: tensor)' is \(found), too large for"
        + " \(format.rawValue); save bfloat16 or float32"
    case .damagedModel:
      "the values do not match the hash in the file's metadata (\(TensorFile.hashKey)); copy the"
        + " file again, or remove the hash if they were changed on purpose"
    case .shard(let name, let error): "\(foreign: name): \(error)"
    case .sideFile(let name, let what): "\(name): \(what); fix the file or remove it"
    case .tokenizer(let error): error.description
    case .model(let error): error.description
    case .store(let error): error.description
    case .file(let error): error.description
    case .interchange(let error): error.description
    }
  }
}
