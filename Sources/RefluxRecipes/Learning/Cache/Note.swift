public import RefluxJSON
public import RefluxSettings

/// A note for a store's header: `key=value`.
public struct Note: SingleSettingValue {
  /// Small letters, digits, `-` and `.`.
  public let key: String
  /// Any text.
  public let value: String

  public static var expected: String { "key=value" }

  public init?(text: String) {
    guard let mark = text.firstIndex(of: "=") else { return nil }
    key = String(text[..<mark])
    value = String(text[text.index(after: mark)...])
    let isKey = key.utf8.allSatisfy { byte in
      UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
    guard isKey, (1...64).contains(key.utf8.count), (1...4096).contains(value.utf8.count) else {
      return nil
    }
  }

  public init?(json: JSONValue) {
    guard let text = json.stringValue else { return nil }
    self.init(text: text)
  }

  public var json: JSONValue { .string(key + "=" + value) }
}
