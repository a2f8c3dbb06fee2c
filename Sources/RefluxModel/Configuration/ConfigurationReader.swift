internal import Foundation
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

  init(json: Data) throws(ModelError) {
    guard let value = try? JSONValue(parsing: [UInt8](json)), let object = value.objectValue else {
      throw .notAConfiguration
    }
    self.init(object)
  }

  /// The value of a key; nil where it is missing or null.
  private mutating func value(_ key: String) -> JSONValue? {
    asked.insert(key)
    return object[key].flatMap { $0.isNull ? nil : $0 }
  }

  /// Whether the key is there with the value null.
  func isNull(_ key: String) -> Bool { object[key]?.isNull ?? false }

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

  /// A size that has no default.
  mutating func size(_ key: String) throws(ModelError) -> Int {
    if let whole = try whole(key) { return whole }
    throw .configuration(field: prefix + key, found: "missing", expected: "a number")
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
      if ConfigurationKeys.harmless.contains(member.key) { continue }
      if member.value.isNull || member.value == .bool(false) { continue }
      throw .unknownField(name: prefix + member.key, found: Self.short(member.value))
    }
  }

  private func refusal(_ key: String, found: JSONValue, expected: String) -> ModelError {
    .configuration(field: prefix + key, found: Self.short(found), expected: expected)
  }

  private static func short(_ value: JSONValue) -> String {
    let text = String(decoding: value.encoded(), as: UTF8.self)
    return text.count > 40 ? value.kind : text
  }
}
