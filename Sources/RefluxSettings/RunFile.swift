public import RefluxJSON

/// The settings of a run as JSON: one object, the options' names in snake_case.
///
/// Paths count from the folder that the file lies in. `verb` says whose settings these are, and
/// `software` what wrote them; both may be left out in a file that a person writes.
public struct RunFile<Root: Settings>: Sendable {
  /// Keys that are no settings.
  public static var ownKeys: [String] { ["verb", "software"] }

  /// The object, with its own keys.
  public let object: JSONObject

  /// The file of a run.
  ///
  /// - Parameter software: what writes it: `reflux 0.1.0`.
  public init(_ settings: Root, software: String) {
    object = JSONObject(
      [.init("verb", .string(Root.verb)), .init("software", .string(software))]
        + settings.json.members)
  }

  /// Reads a file.
  ///
  /// - Throws: `notAnObject`, `otherVerb`; what is wrong with a setting is for ``SettingReader`` to
  ///   find.
  public init(_ value: JSONValue) throws(SettingError) {
    guard let object = value.objectValue else { throw .notAnObject(found: value.kind) }
    if let verb = object["verb"], verb.stringValue != Root.verb {
      throw .otherVerb(found: verb.stringValue ?? verb.kind, expected: Root.verb)
    }
    self.object = object
  }

  /// As text that people can edit.
  public var bytes: [UInt8] {
    JSONValue.object(object).encoded(indented: true) + [UInt8(ascii: "\n")]
  }
}
