internal import RefluxJSON

/// The members of one object of a config.json, and which of them were asked for.
struct ConfigurationReader {
  private let object: JSONObject
  private let prefix: String
  private var asked: Set<String> = []

  /// - Parameter prefix: what stands before a key in messages.
  init(_ object: JSONObject, prefix: String = "") {
    self.object = object
    self.prefix = prefix
  }

  init(json: some Sequence<UInt8>) throws(ModelError) {
    let bytes = [UInt8](json)
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = bytes.starts(with: mark) ? Array(bytes.dropFirst(mark.count)) : bytes
    do {
      guard let object = try JSONValue(parsing: text).objectValue else {
        throw ModelError.notAConfiguration
      }
      self.init(object)
    } catch let error as JSONError {
      throw .json(error.described(in: text))
    } catch { throw .notAConfiguration }
  }

  /// The value of a key; nil where it is missing or null.
  private mutating func value(_ key: String) -> JSONValue? {
    asked.insert(key)
    return object[key].flatMap { $0.isNull ? nil : $0 }
  }

  /// Whether the key is there with the value null.
  func isNull(_ key: String) -> Bool { object[key]?.isNull ?? false }

  /// Whether the object itself has no such key.
  func isMissing(_ key: String) -> Bool { object[key] == nil }

  mutating func whole(_ key: String) throws(ModelError) -> Int? {
    guard let value = value(key) else { return nil }
    if let whole = value.integerValue ?? value.doubleValue.flatMap({ Int(exactly: $0) }) {
      return whole
    }
    throw refusal(key, found: value, expected: "a whole number")
  }

  /// A whole number or a list of them; none where the key is missing.
  mutating func wholes(_ key: String) throws(ModelError) -> [Int] {
    guard let value = value(key) else { return [] }
    let elements = value.arrayValue ?? [value]
    let wholes = elements.compactMap(\.integerValue)
    if wholes.count == elements.count { return wholes }
    throw refusal(key, found: value, expected: "a whole number or a list of them")
  }

  /// A size that has no default, checked before anything is computed from it.
  mutating func size(
    _ key: String, _ range: ClosedRange<Int> = Int.min...Int.max
  ) throws(ModelError) -> Int {
    guard let size = try whole(key) else {
      throw .configuration(field: prefix + key, found: "missing", expected: "a number")
    }
    if range.contains(size) { return size }
    throw .configuration(field: prefix + key, found: "\(size)", expected: "\(range)")
  }

  mutating func number(_ key: String) throws(ModelError) -> Double? {
    guard let value = value(key) else { return nil }
    if let number = value.doubleValue { return number }
    throw refusal(key, found: value, expected: "a number")
  }

  /// A number that has no default.
  mutating func requiredNumber(_ key: String) throws(ModelError) -> Double {
    if let number = try number(key) { return number }
    throw .configuration(field: prefix + key, found: "missing", expected: "a number")
  }

  mutating func flag(_ key: String) throws(ModelError) -> Bool? {
    guard let value = value(key) else { return nil }
    if let flag = value.boolValue { return flag }
    throw refusal(key, found: value, expected: "true or false")
  }

  mutating func text(_ key: String) throws(ModelError) -> String? {
    guard let value = value(key) else { return nil }
    if let text = value.stringValue { return text }
    throw refusal(key, found: value, expected: "a string")
  }

  mutating func texts(_ key: String) throws(ModelError) -> [String]? {
    guard let value = value(key) else { return nil }
    let texts = value.arrayValue?.compactMap(\.stringValue)
    if let texts, texts.count == value.arrayValue?.count { return texts }
    throw refusal(key, found: value, expected: "a list of strings")
  }

  /// A nested object.
  mutating func part(_ key: String) throws(ModelError) -> ConfigurationReader? {
    guard let value = value(key) else { return nil }
    if let object = value.objectValue {
      return ConfigurationReader(object, prefix: prefix + key + "'s ")
    }
    throw refusal(key, found: value, expected: "an object")
  }

  /// Refuses a setting that is not built here, by its name.
  mutating func require(_ key: String, _ expected: Bool) throws(ModelError) {
    if let found = try flag(key), found != expected {
      throw .configuration(field: prefix + key, found: "\(found)", expected: "\(expected)")
    }
  }

  /// Refuses a text that is not one of these; missing is nil.
  mutating func choice(_ key: String, _ choices: [String]) throws(ModelError) -> String? {
    guard let found = try text(key) else { return nil }
    if choices.contains(found) { return found }
    throw .configuration(
      field: prefix + key, found: found, expected: choices.joined(separator: " or "))
  }

  /// Refuses keys that nobody asked for, unless they are known to change nothing, or off.
  func refuseTheRest() throws(ModelError) {
    for member in object.members where !asked.contains(member.key) {
      if ConfigurationKeys.isHarmless(member.key) || Self.isOff(member.value) { continue }
      throw .unknownField(name: prefix + member.key, found: Self.short(member.value))
    }
  }

  private static func isOff(_ value: JSONValue) -> Bool {
    [.null, .bool(false), .array([]), .object([:])].contains(value)
  }

  private func refusal(_ key: String, found: JSONValue, expected: String) -> ModelError {
    .configuration(field: prefix + key, found: Self.short(found), expected: expected)
  }

  private static func short(_ value: JSONValue) -> String {
    let text = String(decoding: value.encoded(), as: UTF8.self)
    return text.count > 40 ? value.kind : text
  }
}
