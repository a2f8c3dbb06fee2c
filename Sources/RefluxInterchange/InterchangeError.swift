internal import RefluxBytes
public import RefluxJSON

/// What can be wrong with a foreign file, or with what is to be written as one.
public enum InterchangeError: Error, Equatable, Sendable {
  /// The bytes do not start as files of this format do.
  case notThisFormat(expected: String, found: String)
  /// The file ends before something it promised.
  case truncated(part: String, expectedBytes: Int, foundBytes: Int)
  /// Bytes after the end that the header gives.
  case trailingBytes(expectedBytes: Int, foundBytes: Int)
  /// A length or number beyond the limit of this reader.
  case tooLarge(part: String, found: String, limit: Int)
  /// A part that does not follow the format.
  case malformed(part: String, found: String, expected: String)
  /// A part that follows the format and is not read here.
  case unsupported(part: String, found: String, supported: String)
  /// The header's text is not JSON.
  case json(JSONError)
  /// An element that is not a token id.
  case notAnID(index: Int, value: String, vocabularySize: Int)
  /// A tensor whose bytes overlap another's or leave a hole.
  case misplacedTensor(name: String, start: Int, expectedStart: Int)
  /// No tensor of this name.
  case missingTensor(name: String)
  /// No array of this name among those there are.
  case missingNumbers(name: String, found: [String])
}

extension InterchangeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notThisFormat(let expected, let found):
      "not \(expected): starts with \(foreign: found)"
    case .truncated(let part, let expected, let found):
      "cut short in \(part): expected \(expected) bytes, found \(found); fetch the file again"
    case .trailingBytes(let expected, let found):
      "has bytes after its end: expected \(expected) bytes, found \(found); fetch the file again"
    case .tooLarge(let part, let found, let limit):
      "\(part) is \(foreign: found), beyond the limit of \(limit); the file is damaged or not"
        + " meant for this"
    case .malformed(let part, let found, let expected):
      "\(part) is \(foreign: found); expected \(expected)"
    case .unsupported(let part, let found, let supported):
      "\(part) is \(foreign: found), which is not supported; supported: \(supported)"
    case .json(let error):
      error.description
    case .notAnID(let index, let value, let vocabularySize):
      "element \(index) is \(value); expected token ids from 0 to \(vocabularySize - 1)"
    case .misplacedTensor(let name, let start, let expected):
      "tensor '\(foreign: name)' starts at byte \(start) of the data; expected \(expected),"
        + " without holes or overlaps"
    case .missingTensor(let name):
      "has no tensor '\(foreign: name)'; expected a model of the architecture that its"
        + " config.json names"
    case .missingNumbers(let name, let found):
      "has no tensor '\(foreign: name)'; name one of those that it has: "
        + found.map { "\(foreign: $0)" }.joined(separator: ", ")
    }
  }
}
