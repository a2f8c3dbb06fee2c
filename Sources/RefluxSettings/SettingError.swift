/// Why settings are none; the key is that of a run file.
public enum SettingError: Error, Equatable, Sendable {
  /// A key that the verb does not have; `nearest` is the one that it may have been meant to be.
  case unknown(key: String, nearest: String?)
  /// A value of another type or out of its range.
  case value(key: String, found: String, expected: String)
  /// A text that is no value of its setting, and what is wrong with it.
  case fault(key: String, String)
  /// A setting without which nothing can be done.
  case missing(key: String)
  /// The settings of another verb.
  case otherVerb(found: String, expected: String)
  /// Something that is no object at all.
  case notAnObject(found: String)
  /// Settings that do not go together, in words.
  case combination(String)
}

extension SettingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknown(let key, let nearest):
      "no setting '\(key.prefix(60))'" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .value(let key, let found, let expected): "'\(key)' is \(found), expected \(expected)"
    case .fault(let key, let text): "'\(key)': \(text)"
    case .missing(let key): "'\(key)' is missing"
    case .otherVerb(let found, let expected):
      "holds settings of '\(found.prefix(60))', expected those of '\(expected)'"
    case .notAnObject(let found): "found \(found), expected a JSON object of settings"
    case .combination(let text): text
    }
  }
}
