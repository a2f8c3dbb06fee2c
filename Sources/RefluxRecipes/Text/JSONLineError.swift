public import RefluxBytes
public import RefluxJSON

/// What is wrong with a line that should be a JSON object with the text of a document.
public enum JSONLineError: Remediable, Equatable, Sendable, CustomStringConvertible {
  /// The line is not JSON.
  case malformed(JSONError)
  /// The text has lone surrogates or bytes that are no UTF-8.
  case brokenText(field: String)
  /// The line is JSON of another kind than an object; `found` is the kind in words.
  case notAnObject(found: String)
  /// The object has no member of this name.
  case missingField(String)
  /// The member is there and is no string; `found` is its kind in words.
  case notAString(field: String, found: String)

  /// What helps beyond what the description says.
  public var remedy: Remedy? {
    switch self {
    case .missingField, .notAString: .nameField
    case .brokenText: .replaceBrokenText
    case .malformed, .notAnObject: nil
    }
  }

  public var description: String {
    switch self {
    case .malformed(let error): "\(error); fix or remove the line"
    case .brokenText(let field):
      "the field '\(field)' holds lone surrogates or bytes that are no UTF-8; fix or skip the"
        + " line, or replace them by U+FFFD"
    case .notAnObject(let found): "found \(found), expected an object; fix or remove the line"
    case .missingField(let field):
      "the object has no field '\(field)'; name the field that holds the text"
    case .notAString(let field, let found):
      "the field '\(field)' is \(found), expected a string; name the field that holds the text"
    }
  }
}
