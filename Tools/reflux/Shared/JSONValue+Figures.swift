import RefluxBytes
import RefluxJSON

/// What the command prints is JSON on one line, whatever a run's figures turn out to be.
extension JSONObject {
  /// The object on one line without spaces; NaN and infinities, which JSON lacks, as `null`.
  var line: String { JSONValue.object(self).line }
}

extension JSONValue {
  /// A single-precision number in its own shortest form: 0.1, not 0.10000000149011612.
  static func number(_ value: Float) -> JSONValue {
    Double(value.description).map { .number($0) } ?? .null
  }

  /// A 64-bit hash as 16 hexadecimal digits: many JSON readers lose integers above 2^53.
  static func hash(_ value: UInt64) -> JSONValue {
    let digits = String(value, radix: 16)
    return .string(String(repeating: "0", count: 16 - digits.count) + digits)
  }

  /// A 64-bit number, such as a seed: an integer where JSON readers keep it, digits in quotes
  /// above 2^63.
  static func exact(_ value: UInt64) -> JSONValue {
    Int(exactly: value).map { .integer($0) } ?? .string("\(value)")
  }

  /// Whole numbers as an array.
  static func integers(_ values: some Sequence<some BinaryInteger>) -> JSONValue {
    .array(values.map { .integer(Int($0)) })
  }

  /// The value on one line without spaces; NaN and infinities, which JSON lacks, as `null`, and
  /// characters without a picture as the escapes that JSON has for them.
  var line: String {
    let text = String(decoding: finite.encoded(), as: UTF8.self)
    if text.utf8.allSatisfy({ $0 < 0x7F }) { return text }
    var line = ""
    for scalar in text.unicodeScalars {
      if ForeignText.isHidden(scalar) {
        for unit in UTF16.encode(scalar) ?? .init() { line += Self.escape(unit) }
      } else {
        line.unicodeScalars.append(scalar)
      }
    }
    return line
  }

  private static func escape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// The value with `null` in place of numbers that JSON cannot hold.
  private var finite: JSONValue {
    switch self {
    case .number(let value): value.isFinite ? self : .null
    case .array(let values): .array(values.map(\.finite))
    case .object(let object):
      .object(JSONObject(object.members.map { .init($0.key, $0.value.finite) }))
    default: self
    }
  }
}
