internal import RefluxJSON

/// A value of the file together with where it stands, so that every refusal can name it.
struct JSONField {
  let name: String
  let value: JSONValue

  /// The member `key`.
  ///
  /// - Throws: `missing` where there is none.
  func member(_ key: String) throws(TokenizerError) -> JSONField {
    guard let value = try object()[key] else { throw .missing(field: path(key)) }
    return JSONField(name: path(key), value: value)
  }

  /// The member `key`, or nil where it is missing or null.
  func optional(_ key: String) throws(TokenizerError) -> JSONField? {
    guard let value = try object()[key], !value.isNull else { return nil }
    return JSONField(name: path(key), value: value)
  }

  /// The truth value of the member `key`, `standard` where it is missing.
  func flag(_ key: String, standard: Bool) throws(TokenizerError) -> Bool {
    guard let field = try optional(key) else { return standard }
    guard let flag = field.value.boolValue else { throw field.malformed("true or false") }
    return flag
  }

  func object() throws(TokenizerError) -> JSONObject {
    guard let object = value.objectValue else { throw malformed("an object") }
    return object
  }

  func elements() throws(TokenizerError) -> [JSONField] {
    guard let elements = value.arrayValue else { throw malformed("an array") }
    return elements.enumerated().map { JSONField(name: "\(name)[\($0)]", value: $1) }
  }

  func string() throws(TokenizerError) -> String {
    guard let string = value.stringValue else { throw malformed("a string") }
    return string
  }

  /// The name under which Hugging Face's layout says what kind of part this is.
  func type() throws(TokenizerError) -> String { try member("type").string() }

  /// An id below the limit of every vocabulary.
  func id() throws(TokenizerError) -> UInt32 {
    guard let id = value.integerValue, (0..<TokenizerModel.vocabularyLimit).contains(id) else {
      throw malformed("an id from 0 to \(TokenizerModel.vocabularyLimit - 1)")
    }
    return UInt32(id)
  }

  /// What the value is, in a few words: short values are shown as they are.
  var found: String {
    switch value {
    case .string(let text): "'\(text.prefix(60))'"
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .object(let object):
      if let type = object["type"]?.stringValue { "'\(type.prefix(60))'" } else { "an object" }
    default: value.kind
    }
  }

  func malformed(_ expected: String) -> TokenizerError {
    .malformed(field: name, found: found, expected: expected)
  }

  func unsupported(_ supported: String) -> TokenizerError {
    .unsupported(field: name, found: found, supported: supported)
  }

  private func path(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }
}
