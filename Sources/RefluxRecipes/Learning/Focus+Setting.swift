public import RefluxJSON
public import RefluxSettings
public import RefluxTraining

extension Focus: SingleSettingValue {
  /// What help and errors say of the type.
  public static var expected: String { "a focus, KIND:SHARE" }

  /// The value of a run file.
  public init?(json: JSONValue) {
    guard let text = json.stringValue else { return nil }
    self.init(text: text)
  }

  /// The value of a command line.
  public init?(text: String) {
    let (kind, share) = Self.parts(text)
    guard let kind = Kind(rawValue: kind), let share = Double(share), Self.isShare(share) else {
      return nil
    }
    self.init(kind, share: share)
  }

  /// What run files have.
  public var json: JSONValue { .string(description) }

  /// Whether the kind or the share is at fault.
  public static func fault(in text: String) -> String? {
    if Focus(text: text) != nil { return nil }
    let (kind, share) = parts(text)
    if Kind(rawValue: kind) != nil {
      return "the share of '\(kind)' is '\(share)', expected a number above 0 and at most 1"
    }
    let kinds = Kind.allCases.map(\.rawValue)
    let guess = Spelling.nearest(to: kind, in: kinds).map { "; did you mean '\($0)'?" }
    return "no focus '\(kind)'" + (guess ?? "; there is: " + kinds.joined(separator: ", "))
  }

  private static func parts(_ text: String) -> (kind: String, share: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
  }
}
