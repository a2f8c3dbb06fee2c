internal import RefluxBytes

/// What can be wrong with a model that comes from outside.
public enum ModelError: Error, Equatable, CustomStringConvertible {
  case notAConfiguration
  /// A config.json that is not JSON: where, and what stands there.
  case json(String)
  case configuration(field: String, found: String, expected: String)
  /// A key of config.json that is not known here.
  case unknownField(name: String, found: String)
  case missingTensor(name: String)
  /// A tensor that a model of this configuration has no use for.
  case extraTensor(name: String)
  case shape(name: String, found: [Int], expected: [Int])
  /// An embedding or head with another number of rows than the configuration has ids.
  case vocabularyRows(name: String, found: Int, vocabulary: Int)
  case format(name: String, found: String)
  case windowTooLong(found: Int, positions: Int)

  public var description: String {
    switch self {
    case .notAConfiguration:
      "not a model configuration: expected a JSON object with vocab_size,"
        + " hidden_size and so on; name a config.json"
    case .json(let what): "\(what); fix the file"
    case .configuration(let field, let found, let expected):
      "\(foreign: field) is \(foreign: found), expected \(expected); change it or use another model"
    case .unknownField(let name, let found):
      "\(foreign: name) is \(foreign: found), a setting that is not known here and may change the"
        + " result; remove it if it does not"
    case .extraTensor(let name):
      "tensor '\(foreign: name)' has no place in the model of config.json; change config.json, or"
        + " remove the tensor"
    case .missingTensor(let name):
      "no tensor '\(foreign: name)'; export the model again with all its weights"
    case .shape(let name, let found, let expected):
      "tensor '\(foreign: name)' has the shape \(foreign: "\(found)"), config.json asks for"
        + " \(expected)"
    case .vocabularyRows(let name, let found, let vocabulary):
      "tensor '\(foreign: name)' has \(found) rows, config.json's vocab_size is \(vocabulary):"
        + " one of them counts ids that pad the table; set vocab_size to \(found) if the"
        + " config.json is of this model"
    case .format(let name, let found):
      "tensor '\(foreign: name)' is stored as \(found), expected F32, BF16 or F16"
    case .windowTooLong(let found, let positions):
      "a window of \(found) tokens is longer than the model's \(positions) positions; shorten it"
    }
  }
}
