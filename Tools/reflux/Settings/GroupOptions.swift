import ArgumentParser
import RefluxSettings

/// The texts of the options of some settings, by their keys.
protocol SettingTexts: ParsableArguments {
  var texts: [String: [String]] { get }
}

extension SettingTexts {
  /// The group as the argument parser finds it.
  static func wrapper(_ title: String) -> Any { OptionGroup<Self>(title: title) }

  static func read(
    _ container: KeyedDecodingContainer<SettingKey>, _ key: SettingKey
  ) throws -> [String: [String]] {
    try container.decode(OptionGroup<Self>.self, forKey: key).wrappedValue.texts
  }
}

/// The options of one group of a table.
struct GroupOptions<Root: Settings, let number: Int>: SettingTexts, CustomReflectable {
  private(set) var texts: [String: [String]] = [:]

  init() {}

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: SettingKey.self)
    for setting in Root.groups[number].settings {
      let texts = try setting.texts(container)
      if !texts.isEmpty { self.texts[setting.key] = texts }
    }
  }

  var customMirror: Mirror {
    let children = Root.groups[number].settings.map {
      (label: Optional($0.key), value: $0.wrapper)
    }
    return Mirror(self, children: children, displayStyle: .struct)
  }
}

/// Any name as the key of an option.
struct SettingKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init?(stringValue: String) { self.init(stringValue) }
  init?(intValue: Int) { nil }
}

extension Setting where Root: Settings {
  /// The option as the argument parser finds it.
  fileprivate var wrapper: Any {
    switch form {
    case .flag:
      Flag<Bool?>(name: name, inversion: .prefixedNo, help: argumentHelp)
    case .text:
      Option<String?>(
        name: name, help: argumentHelp, completion: completions.isEmpty ? nil : .list(completions))
    case .repeated:
      Option<[String]>(wrappedValue: [], name: name, parsing: .upToNextOption, help: argumentHelp)
    }
  }

  /// What stands on the command line; empty where the option does not.
  fileprivate func texts(_ container: KeyedDecodingContainer<SettingKey>) throws -> [String] {
    let key = SettingKey(key)
    switch form {
    case .flag:
      let value = try container.decode(Flag<Bool?>.self, forKey: key).wrappedValue
      return value.map { ["\($0)"] } ?? []
    case .text:
      return try container.decode(Option<String?>.self, forKey: key).wrappedValue.map { [$0] } ?? []
    case .repeated:
      return try container.decode(Option<[String]>.self, forKey: key).wrappedValue
    }
  }

  private var name: NameSpecification { .customLong(String(option.dropFirst(2))) }

  private var argumentHelp: ArgumentHelp {
    ArgumentHelp("\(SettingWords<Root>.options(in: helpText))", valueName: valueText)
  }

  /// The help, then choices, range and default.
  private var helpText: String {
    var facts: [String] = []
    if case .text(let choices) = form, !choices.isEmpty {
      facts.append("values: " + choices.joined(separator: ", "))
    }
    if let range { facts.append(range) }
    if let defaultText { facts.append("default: " + defaultText) }
    return facts.isEmpty ? help : help + " (" + facts.joined(separator: "; ") + ")"
  }

  /// What stands for the value in help.
  var valueText: String {
    valueName ?? key.split(separator: "_").last.map(String.init) ?? key
  }
}
