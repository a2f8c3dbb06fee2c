/// What is wrong with a line that should be a JSON object with the text of a document.
public enum JSONLineError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Not JSON; `column` is the byte in the line, from 1, at which it stops being so.
  case malformed(column: Int, expected: String)
  /// The object has no member of this name.
  case missingField(String)
  /// The member is there and is no string.
  case notAString(field: String)

  public var description: String {
    switch self {
    case .malformed(let column, let expected):
      "not a JSON object: byte \(column) should be \(expected); mend or remove the line"
    case .missingField(let field):
      "the object has no field \"\(field)\"; name the text's field with --field"
    case .notAString(let field):
      "the field \"\(field)\" is not a string; name the text's field with --field"
    }
  }
}
