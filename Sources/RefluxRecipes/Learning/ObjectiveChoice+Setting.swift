internal import RefluxBytes
public import RefluxJSON
public import RefluxLosses
public import RefluxSettings
internal import RefluxTargets

extension ObjectiveChoice: SingleSettingValue {
  /// What help and errors say of the type.
  public static var expected: String { "a loss, NAME or NAME:key=value,..." }

  /// The names without options.
  public static var completions: [String] {
    ObjectiveName.allCases.filter { (try? ObjectiveChoice($0).requireTrainable()) != nil }
      .map(\.rawValue)
  }

  /// The value of a run file.
  public init?(json: JSONValue) {
    guard let text = json.stringValue else { return nil }
    self.init(text: text)
  }

  /// The value of a command line.
  public init?(text: String) {
    do throws(ObjectiveError) { try self.init(parsing: text) } catch { return nil }
  }

  /// What run files have.
  public var json: JSONValue { .string(text) }

  /// Which name or option is at fault.
  public static func fault(in text: String) -> String? {
    do throws(ObjectiveError) { _ = try ObjectiveChoice(parsing: text) } catch {
      return error.description + (error.guess.map { "; did you mean '\($0)'?" } ?? "")
    }
    return nil
  }
}

extension ObjectiveError {
  /// The name that an unknown one is nearest to.
  public var guess: String? {
    switch self {
    case .unknownObjective(let name):
      Spelling.nearest(to: name, in: ObjectiveName.allCases.map(\.rawValue))
    case .unknownOption(let key, let name):
      Spelling.nearest(to: key, in: name.entry.options.map(\.key))
    default: nil
    }
  }
}
