/// One JSON value, as a tree.
///
/// Integers that fit `Int` stay exact; every other number is a `Double`. Objects keep the order of
/// their members.
public enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

extension JSONValue {
  /// Reads one JSON document (RFC 8259) that fills `bytes` but for white space around it.
  ///
  /// The reader is strict: no comments, no trailing commas, no duplicate keys, no lone surrogates,
  /// valid UTF-8 only. It never recurses deeper than `maximumDepth`.
  ///
  /// - Parameters:
  ///   - bytes: The document.
  ///   - maximumDepth: The greatest number of arrays and objects inside each other.
  ///   - maximumValues: The greatest number of values, those inside others included.
  /// - Throws: `JSONError` with the byte offset at which the document stops being JSON.
  /// - Complexity: Linear in `bytes`; the tree takes 16 bytes for each value, as much again for a
  ///   key, 32 and up for an array or object that is not empty, and the bytes of strings beyond 15.
  public init(
    parsing bytes: Span<UInt8>, maximumDepth: Int = 64,
    maximumValues: Int = JSONValue.usualMaximum
  ) throws(JSONError) {
    var parser = JSONParser(bytes, maximumDepth: maximumDepth, maximumValues: maximumValues)
    self = try parser.document()
  }

  /// Reads one JSON document from an array; see ``init(parsing:maximumDepth:maximumValues:)``.
  public init(
    parsing bytes: [UInt8], maximumDepth: Int = 64, maximumValues: Int = JSONValue.usualMaximum
  ) throws(JSONError) {
    self = try JSONValue(
      parsing: bytes.span, maximumDepth: maximumDepth, maximumValues: maximumValues)
  }

  /// The greatest number of values of a document where its reader names no other: the tree then
  /// takes at most about 100 MB beside the strings.
  public static let usualMaximum = 1 << 20

  /// What kind of value this is, in words for a message: `a string`, `an object`, `null`.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// Whether this is the literal `null`, not a missing member.
  public var isNull: Bool { self == .null }

  /// The value of `true` or `false`; nil for any other kind, numbers included.
  public var boolValue: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The value of an integer that fits `Int`; nil for any other kind and for `number`.
  public var integerValue: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// The value of any number, integers included.
  public var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The text of a string; nil for any other kind.
  public var stringValue: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The elements of an array; nil for any other kind.
  public var arrayValue: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The members of an object; nil for any other kind.
  public var objectValue: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }
}
