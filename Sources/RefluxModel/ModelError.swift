/// What can be wrong with a model that comes from outside.
public enum ModelError: Error, Equatable, CustomStringConvertible {
  case notAConfiguration
  case configuration(field: String, found: String, expected: String)
  case missingTensor(name: String)
  case shape(name: String, found: [Int], expected: [Int])
  case format(name: String, found: String)
  case windowTooLong(found: Int, positions: Int)

  public var description: String {
    switch self {
    case .notAConfiguration:
      "not a model configuration: expected a JSON object with vocab_size,"
        + " hidden_size and so on; name a config.json"
    case .configuration(let field, let found, let expected):
      "\(field) is \(found), expected \(expected); change it or use another model"
    case .missingTensor(let name):
      "no tensor '\(name)'; export the model again with all its weights"
    case .shape(let name, let found, let expected):
      "tensor '\(name)' has the shape \(found), config.json asks for \(expected)"
    case .format(let name, let found):
      "tensor '\(name)' is stored as \(found), expected F32, BF16 or F16"
    case .windowTooLong(let found, let positions):
      "a window of \(found) tokens is longer than the model's \(positions) positions; shorten it"
    }
  }
}
