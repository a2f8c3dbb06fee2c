extension JSONValue {
  /// The value as UTF-8 JSON, the same bytes for the same value on every machine.
  ///
  /// Only quotes, backslashes and control characters are escaped. Doubles are written with the
  /// fewest digits that read back to the same value.
  ///
  /// - Parameter indented: Whether members stand on lines of their own, two spaces for each level
  ///   (the layout of `json.dumps(indent=2)` and of Hugging Face's files), or without any spaces.
  /// - Precondition: Every number is finite.
  public func encoded(indented: Bool = false) -> [UInt8] {
    var writer = JSONWriter(isIndented: indented)
    writer.write(self)
    return writer.text
  }
}

private struct JSONWriter {
  var text: [UInt8] = []
  let isIndented: Bool
  private var depth = 0

  init(isIndented: Bool) { self.isIndented = isIndented }

  mutating func write(_ value: JSONValue) {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .integer(let value): append(String(value))
    case .number(let value):
      precondition(value.isFinite, "JSON has no infinity and no NaN")
      append(value.description)
    case .string(let value): write(value)
    case .array(let elements):
      list("[", "]", elements) { $0.write($1) }
    case .object(let object):
      list("{", "}", object.members) {
        $0.write($1.key)
        $0.append($0.isIndented ? ": " : ":")
        $0.write($1.value)
      }
    }
  }

  private mutating func list<Element>(
    _ open: String, _ close: String, _ elements: [Element],
    _ writeElement: (inout JSONWriter, Element) -> Void
  ) {
    append(open)
    depth += 1
    for (index, element) in elements.enumerated() {
      if index > 0 { append(",") }
      newLine()
      writeElement(&self, element)
    }
    depth -= 1
    if !elements.isEmpty { newLine() }
    append(close)
  }

  private mutating func newLine() {
    guard isIndented else { return }
    text.append(0x0A)
    text.append(contentsOf: repeatElement(0x20, count: 2 * depth))
  }

  private mutating func write(_ string: String) {
    append("\"")
    for byte in string.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x08: append("\\b")
      case 0x09: append("\\t")
      case 0x0A: append("\\n")
      case 0x0C: append("\\f")
      case 0x0D: append("\\r")
      case 0..<0x20: append("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
      default: text.append(byte)
      }
    }
    append("\"")
  }

  private mutating func append(_ string: String) { text.append(contentsOf: string.utf8) }
}
