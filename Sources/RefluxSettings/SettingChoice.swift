public import RefluxJSON

/// A word of a closed list.
public protocol SettingChoice: SingleSettingValue, RawRepresentable, CaseIterable
where RawValue == String {
  /// What another name means: `bfloat16` for `bf16`; other words as they are.
  static func canonical(_ name: String) -> String
}

extension SettingChoice {
  public static func canonical(_ name: String) -> String { name }
  public static var names: [String] { allCases.map(\.rawValue) }
  public static var form: SettingForm { .text(choices: names) }
  public static var expected: String {
    let names = names
    if names.count == 1 { return names[0] }
    return names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1]
  }
  public init?(json: JSONValue) {
    guard let text = json.stringValue else { return nil }
    self.init(text: text)
  }
  public init?(text: String) { self.init(rawValue: Self.canonical(text)) }
  public var json: JSONValue { .string(rawValue) }
}

/// A list that is one text with commas on a command line and an array in a run file.
public struct CommaList<Element: SingleSettingValue & Equatable>: SettingValue, Equatable {
  /// None of them twice.
  public let elements: [Element]

  public static var expected: String { "a list, each \(Element.expected)" }
  public static var form: SettingForm { .text(choices: []) }

  /// Nil where one is there twice or none at all.
  public init?(_ elements: [Element]) {
    for (index, element) in elements.enumerated() where elements[..<index].contains(element) {
      return nil
    }
    if elements.isEmpty { return nil }
    self.elements = elements
  }

  public init?(json: JSONValue) {
    guard let values = [Element](json: json) else { return nil }
    self.init(values)
  }

  public init?(texts: [String]) {
    guard let text = texts.last else { return nil }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard let values = [Element](texts: parts) else { return nil }
    self.init(values)
  }

  public var json: JSONValue { elements.json }
  public var singles: [Element] { elements }
}
