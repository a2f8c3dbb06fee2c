import Foundation
public import RefluxJSON

/// What Formats/JSON/SPEC.md says of objects, read from its tables.
///
/// A heading names objects in code spans; the table after it has a row for each key. "Every key of
/// `NAME`" above the table takes the keys of another one.
public struct JSONSpecification: Sendable {
  /// Keys with their types, as they are written.
  public typealias Table = [String: String]

  /// The tables by the names in their headings.
  public private(set) var tables: [String: Table] = [:]

  /// Reads the specification of this tree.
  public init() throws {
    let text = try String(
      contentsOfFile: RepositoryFolder.file("Formats/JSON/SPEC.md"), encoding: .utf8)
    var names: [String] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("#") {
        names = line.matches(of: /`([^`]+)`/).map { String($0.1) }
        for name in names { tables[name] = [:] }
      } else if let other = line.firstMatch(of: /^Every key of `([^`]+)`/) {
        for name in names { tables[name] = tables[String(other.1)] }
      } else if let row = line.firstMatch(of: /^\| `([^`]+)` \| ([^|]+) \|/) {
        for name in names { tables[name]?[String(row.1)] = String(row.2) }
      }
    }
  }

  /// Where objects differ from a table: keys that it does not have, keys that it has and an object
  /// lacks or none has, values of other types.
  public func differences(of objects: [JSONValue], from name: String) -> [String] {
    guard let table = tables[name], !table.isEmpty else { return ["no table of \(name)"] }
    if objects.isEmpty { return ["no object of \(name)"] }
    var check = Check(table: table)
    for object in objects { check.visit(object, at: "") }
    let never = table.keys.filter { !check.seen.contains($0) }.map { "\($0) never comes" }
    return (check.differences + never.sorted()).map { "\(name): \($0)" }
  }

  /// Objects against one table.
  private struct Check {
    let table: Table
    var seen: Set<String> = []
    var differences: [String] = []

    /// Looks at the members of an object whose own key is `path`.
    mutating func visit(_ value: JSONValue, at path: String) {
      guard let object = value.objectValue else { return note("\(path) is \(value.kind)") }
      let prefix = path.isEmpty ? "" : path + "."
      for member in object.members {
        let key = prefix + member.key
        guard let type = table[key] else {
          note("\(key) is not specified")
          continue
        }
        seen.insert(key)
        if !admits(type.replacing("?", with: ""), member.value, at: key) {
          note("\(key) is \(Self.text(member.value)), not \(type)")
        }
      }
      for (key, type) in table where isMember(key, of: prefix) && !type.contains("?") {
        if object[String(key.dropFirst(prefix.count))] == nil { note("\(key) is missing") }
      }
    }

    private static func text(_ value: JSONValue) -> String {
      String(decoding: value.encoded(), as: UTF8.self)
    }

    private func isMember(_ key: String, of prefix: String) -> Bool {
      key.hasPrefix(prefix) && !key.dropFirst(prefix.count).contains(".")
    }

    private mutating func note(_ difference: String) {
      if !differences.contains(difference) { differences.append(difference) }
    }

    private mutating func admits(_ type: String, _ value: JSONValue, at key: String) -> Bool {
      if type.hasSuffix(" or null") {
        return value.isNull || admits(String(type.dropLast(8)), value, at: key)
      }
      let inner = String(type.dropFirst().dropLast())
      switch (type, value) {
      case ("string", .string), ("boolean", .bool), ("integer", .integer), ("number", .integer),
        ("number", .number):
        return true
      case ("object", .object):
        visit(value, at: key)
        return true
      case ("[object]", .array(let values)):
        for value in values { visit(value, at: key + "[]") }
        return true
      case (_, .array(let values)) where type.hasPrefix("["):
        return !values.contains { !admits(inner, $0, at: key) }
      case (_, .object(let object)) where type.hasPrefix("{"):
        return !object.members.contains { !admits(inner, $0.value, at: key) }
      default:
        return false
      }
    }
  }
}
