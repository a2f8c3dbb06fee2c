/// A value of JSON, with integers exact and floating-point numbers in their shortest exact form.
indirect enum JSONValue: Sendable, CustomStringConvertible {
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// A single-precision number in its own shortest form: 0.1, not 0.10000000149011612.
  static func number(_ value: Float) -> JSONValue {
    Double(value.description).map(JSONValue.number) ?? .null
  }

  /// A 64-bit hash as 16 hexadecimal digits: JSON readers lose integers above 2^53.
  static func hash(_ value: UInt64) -> JSONValue {
    let digits = String(value, radix: 16)
    return .string(String(repeating: "0", count: 16 - digits.count) + digits)
  }

  /// Whole numbers as an array.
  static func integers(_ values: some Sequence<some BinaryInteger>) -> JSONValue {
    .array(values.map { .integer(Int($0)) })
  }

  var description: String {
    var text = ""
    write(to: &text)
    return text
  }

  func write(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .boolean(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? value.description : "null"
    case .string(let value): Self.writeString(value, to: &text)
    case .array(let values): Self.writeArray(values, to: &text)
    case .object(let value): value.write(to: &text)
    }
  }

  private static func writeArray(_ values: [JSONValue], to text: inout String) {
    text += "["
    for (index, value) in values.enumerated() {
      if index > 0 { text += "," }
      value.write(to: &text)
    }
    text += "]"
  }

  /// Writes `string` between quotes, with control characters escaped (RFC 8259, section 7).
  static func writeString(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{0}"..<"\u{20}", "\u{7F}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByNilLiteral
{
  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int) { self = .integer(value) }
  init(floatLiteral value: Double) { self = .number(value) }
  init(booleanLiteral value: Bool) { self = .boolean(value) }
  init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  init(nilLiteral: ()) { self = .null }
}
