public import RefluxTargets

/// An objective with the values of all its options.
public struct ObjectiveChoice: Sendable, CustomStringConvertible {
  /// Which objective.
  public let name: ObjectiveName
  /// The value of every option that has one, defaults included.
  private var values: [String: OptionValue]
  /// The keys of the options that were given, at their defaults or not.
  public private(set) var given: Set<String> = []

  /// All options at their defaults; files, which have none, are left out.
  public init(_ name: ObjectiveName) {
    self.name = name
    let pairs = name.entry.options.compactMap { option in
      option.defaultValue.map { (option.key, $0) }
    }
    values = Dictionary(uniqueKeysWithValues: pairs)
  }

  /// Reads a name and its options, `key=value` each.
  ///
  /// - Throws: `unknownObjective`, `unknownOption`, `noValue`, `repeatedOption`, `value`, or
  ///   `missingOption` for a file that must be named.
  public init(_ name: String, options: [String] = []) throws(ObjectiveError) {
    guard let found = ObjectiveName(rawValue: name) else { throw .unknownObjective(name) }
    self.init(found)
    for option in options { try set(option) }
    if let file = found.entry.options.first(where: { values[$0.key] == nil }) {
      throw .missingOption(file.key, found)
    }
  }

  /// Reads `NAME` or `NAME:key=value,...`, the objective of a training.
  ///
  /// - Throws: the same, and `untrainable`.
  public init(parsing text: String) throws(ObjectiveError) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    if let found = ObjectiveName(rawValue: name) { try Self(found).requireTrainable() }
    let options = parts.count < 2 ? [] : parts[1].split(separator: ",").map(String.init)
    try self.init(name, options: options)
  }

  private mutating func set(_ text: String) throws(ObjectiveError) {
    guard let mark = text.firstIndex(of: "=") else { throw .noValue(text, name) }
    let (key, value) = (String(text[..<mark]), String(text[text.index(after: mark)...]))
    guard let option = name.entry.options.first(where: { $0.key == key }) else {
      throw .unknownOption(key, name)
    }
    if given.contains(key) { throw .repeatedOption(key) }
    guard let found = option.value(value) else {
      throw .value(key, found: value, expected: option.expected)
    }
    values[key] = found
    given.insert(key)
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
  public func number(_ key: String) -> Double {
    guard case .number(let value)? = values[key] else { return .nan }
    return value
  }

  /// A whole number; 0 where the objective has no such option.
  func integer(_ key: String) -> Int {
    guard case .integer(let value)? = values[key] else { return 0 }
    return value
  }

  /// Whether a flag is set.
  public func flag(_ key: String) -> Bool { values[key] == .flag(true) }

  /// A word, or the name of a file; nil for another value.
  public func word(_ key: String) -> String? {
    guard case .word(let value)? = values[key] else { return nil }
    return value
  }

  /// T of the teacher and the student; 1 where there is no such option.
  public var temperature: Double { values["temperature"] == nil ? 1 : number("temperature") }

  /// The same at another T, where there is such an option.
  public func at(temperature: Double) -> ObjectiveChoice {
    var choice = self
    if values["temperature"] != nil { choice.values["temperature"] = .number(temperature) }
    return choice
  }

  /// The same with the names of files changed.
  public func withFiles(_ change: (String) -> String) -> ObjectiveChoice {
    var choice = self
    for option in name.entry.options where option.form == .file {
      choice.values[option.key] = word(option.key).map { .word(change($0)) }
    }
    return choice
  }

  /// With all options in the order of the table: `jsd temperature=1 tail=bucket beta=0.5`.
  public var description: String { words { _ in true }.joined(separator: " ") }

  /// What names a run's objective, the temperature and the names of files left out:
  /// `jsd tail=bucket beta=0.5`.
  public var identity: String {
    let files = name.entry.options.filter { $0.form == .file }.map(\.key)
    return words { $0 != "temperature" && !files.contains($0) }.map {
      String($0.map { $0.isWhitespace ? "_" : $0 })
    }
    .joined(separator: " ")
  }

  /// What ``init(parsing:)`` reads: `jsd:tail=bucket,beta=0.5`.
  public var text: String {
    let words = words { $0 != "temperature" || temperature != 1 }
    let options = words.dropFirst().joined(separator: ",")
    return name.rawValue + (options.isEmpty ? "" : ":" + options)
  }

  private func words(_ isShown: (String) -> Bool) -> [String] {
    [name.rawValue]
      + name.entry.options.map(\.key).filter(isShown).map { key in
        "\(key)=\(values[key]?.description ?? "")"
      }
  }
}

extension ObjectiveChoice: Equatable {
  /// Whether name and values are the same, however they were given.
  public static func == (a: ObjectiveChoice, b: ObjectiveChoice) -> Bool {
    a.name == b.name && a.values == b.values
  }
}
