import RefluxBytes
import RefluxJSON

/// Facts that a verb prints: one list for people and for scripts, so that the two never differ.
struct Facts {
  private(set) var rows: [(label: String, text: String)] = []
  private(set) var object = JSONObject()

  /// Adds a fact.
  ///
  /// - Parameters:
  ///   - key: the key in JSON, with its unit: `bytes_per_record`.
  ///   - value: the value in JSON.
  ///   - label: what people read; the key with spaces when nil.
  ///   - text: what people read as the value; formatted from `value` when nil.
  mutating func add(_ key: String, _ value: JSONValue, label: String? = nil, text: String? = nil) {
    object.members.append(.init(key, value))
    let words = String(key.map { $0 == "_" ? " " : $0 })
    rows.append((label ?? words, text ?? Self.text(value)))
  }

  /// Adds a fact for scripts alone.
  mutating func addHidden(_ key: String, _ value: JSONValue) {
    object.members.append(.init(key, value))
  }

  /// Adds a line for people alone.
  mutating func add(line: String, label: String) {
    rows.append((label, ForeignText.shown(line)))
  }

  /// Adds what went well but not perfectly: an array in JSON, a line for each to people.
  mutating func add(warnings: [String]) {
    object.members.append(.init("warnings", .array(warnings.map { .string($0) })))
    for warning in warnings { rows.append(("warning", ForeignText.shown(warning))) }
  }

  /// Prints one JSON object on one line, or aligned lines of label and value.
  func print(json: Bool) throws(Failure) {
    if json { return try Output.line(object) }
    let width = rows.map(\.label.count).max() ?? 0
    let lines = rows.map { row in
      row.label + String(repeating: " ", count: width - row.label.count) + "  " + row.text + "\n"
    }
    try Output.write(lines.joined())
  }

  /// Prints one JSON object, or all facts on one line: for verbs that print a row at a time.
  func printRow(json: Bool) throws(Failure) {
    if json { return try Output.line(object) }
    try Output.line(rows.map { $0.label + " " + $0.text }.joined(separator: "  "))
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .string(let value): ForeignText.shown(value)
    case .integer(let value): Quantity.grouped(value)
    case .number(let value): Quantity.decimal(value)
    case .bool(let value): value ? "yes" : "no"
    case .null: "-"
    case .array, .object: value.line
    }
  }
}
