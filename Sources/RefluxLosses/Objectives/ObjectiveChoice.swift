/// An objective with the values of all its options.
public struct ObjectiveChoice: Sendable, Equatable, CustomStringConvertible {
  /// Which objective.
  public let name: ObjectiveName
  /// The value of every option that has one, defaults included.
  private var values: [String: OptionValue]

  /// Reads a name and its options, `key=value` each.
  ///
  /// - Throws: `unknownObjective`, `unknownOption`, `noValue`, `repeatedOption`, `value`, or
  ///   `missingOption` for a file that must be named.
  public init(_ name: String, options: [String] = []) throws(ObjectiveError) {
    guard let found = ObjectiveName(rawValue: name) else { throw .unknownObjective(name) }
    self.name = found
    values = [:]
    for option in options { try set(option) }
    for option in found.entry.options where values[option.key] == nil {
      guard let value = option.defaultValue else { throw .missingOption(option.key, found) }
      values[option.key] = value
    }
  }

  private mutating func set(_ text: String) throws(ObjectiveError) {
    guard let mark = text.firstIndex(of: "=") else { throw .noValue(text, name) }
    let (key, value) = (String(text[..<mark]), String(text[text.index(after: mark)...]))
    guard let option = name.entry.options.first(where: { $0.key == key }) else {
      throw .unknownOption(key, name)
    }
    if values[key] != nil { throw .repeatedOption(key) }
    guard let found = option.value(value) else {
      throw .value(key, found: value, expected: option.expected)
    }
    values[key] = found
  }

  /// The value of an option, nil where the objective has none of this key.
  public subscript(key: String) -> OptionValue? { values[key] }

  /// The same with groups of so many rows.
  func with(group: Int) -> ObjectiveChoice {
    var choice = self
    choice.values["group"] = .integer(group)
    return choice
  }

  /// A number; NaN where the objective has no such option.
  func number(_ key: String) -> Double {
    guard case .number(let value)? = values[key] else { return .nan }
    return value
  }

  /// A whole number; 0 where the objective has no such option.
  func integer(_ key: String) -> Int {
    guard case .integer(let value)? = values[key] else { return 0 }
    return value
  }

  /// Whether a flag is set.
  func flag(_ key: String) -> Bool { values[key] == .flag(true) }

  /// A word, or the name of a file; nil for another value.
  public func word(_ key: String) -> String? {
    guard case .word(let value)? = values[key] else { return nil }
    return value
  }

  /// T of the teacher and the student; 1 where there is no such option.
  public var temperature: Double { values["temperature"] == nil ? 1 : number("temperature") }

  /// With all options in the order of the table: `jsd temperature=1 tail=bucket beta=0.5`.
  public var description: String {
    let options = name.entry.options.map { "\($0.key)=\(values[$0.key]?.description ?? "")" }
    return ([name.rawValue] + options).joined(separator: " ")
  }
}
