internal import RefluxJSON

/// The property that a setting stands for.
public typealias SettingPath<Root, Value> = any WritableKeyPath<Root, Value> & Sendable

/// One setting of a verb, and all that is said about it: its key, type, range, default, help, and
/// whether it belongs to what a run is.
///
/// The type and the default are those of the property that it stands for. Command line, run file
/// and validation are made from it: a setting that has no row in a table cannot be set.
public struct Setting<Root: SettingPart>: Sendable {
  /// What run files call it: `learning_rate`. The option is `--learning-rate`.
  public let key: String
  /// One or two sentences for people, without the default; other settings by their keys in quotes.
  public let help: String
  /// What the default is where that is not a value: `one per processor`.
  public fileprivate(set) var standard: String?
  /// What stands for the value in help: `steps`; the key's last word where nothing is said.
  public fileprivate(set) var valueName: String?
  /// Whether a run with another value is another run, and a checkpoint of one none of the other.
  public fileprivate(set) var isOfIdentity = false
  /// Whether nothing can be done without it.
  public fileprivate(set) var isRequired = false
  /// Keys of settings that say the same in another way: giving this one takes theirs back.
  public fileprivate(set) var alternatives: [String] = []
  /// Which values of the type are taken: `0 to 1`; nil for all.
  public fileprivate(set) var range: String?
  /// How values are written.
  public let form: SettingForm
  /// What a shell may complete a value to.
  public let completions: [String]
  /// What a value may be, in words.
  public let expected: String
  let get: @Sendable (Root) -> JSONValue
  let set: @Sendable (inout Root, SettingInput) throws(SettingError) -> Void
  var rebase: (@Sendable (inout Root, (String) -> String) -> Void)?

  /// - Parameters:
  ///   - key: small letters, digits and `_`.
  ///   - path: the property; its type is the setting's, its value in `Root()` the default.
  ///   - bounds: what is refused though it is of the type.
  public init<Value: SettingValue>(
    _ key: String, _ path: SettingPath<Root, Value>,
    in bounds: Bounds<Value.Single> = .any, _ help: String
  ) {
    self.key = key
    self.help = help
    (form, completions) = (Value.form, Value.completions)
    range = bounds.text.map { String($0.hasPrefix(" of ") ? $0.dropFirst(4) : $0.dropFirst()) }
    let expected = bounds.text.map { Value.expected + $0 } ?? Value.expected
    self.expected = expected
    get = { $0[keyPath: path].json }
    set = { (root, input) throws(SettingError) in
      let value =
        switch input {
        case .json(let json): Value(json: json)
        case .texts(let texts): Value(texts: texts)
        }
      if value == nil, let fault = input.texts.lazy.compactMap(Value.fault).first {
        throw .fault(key: key, fault)
      }
      guard let value, value.singles.allSatisfy(bounds.contains) else {
        throw .value(key: key, found: input.shown, expected: expected)
      }
      root[keyPath: path] = value
    }
  }

  /// The same setting as one of a whole that has the part.
  public func of<Whole: SettingPart>(_ path: SettingPath<Whole, Root>) -> Setting<Whole> {
    var lifted = Setting<Whole>(
      key: key, help: help, form: form, completions: completions, expected: expected,
      get: { [get] in get($0[keyPath: path]) },
      set: { [set] (root, input) throws(SettingError) in try set(&root[keyPath: path], input) })
    (lifted.standard, lifted.valueName) = (standard, valueName)
    (lifted.isOfIdentity, lifted.isRequired) = (isOfIdentity, isRequired)
    (lifted.alternatives, lifted.range) = (alternatives, range)
    if let rebase {
      lifted.rebase = { (root, change) in rebase(&root[keyPath: path], change) }
    }
    return lifted
  }

  private init(
    key: String, help: String, form: SettingForm, completions: [String], expected: String,
    get: @escaping @Sendable (Root) -> JSONValue,
    set: @escaping @Sendable (inout Root, SettingInput) throws(SettingError) -> Void
  ) {
    (self.key, self.help, self.form, self.expected) = (key, help, form, expected)
    self.completions = completions
    (self.get, self.set) = (get, set)
  }

  /// Takes the default again.
  func reset(_ root: inout Root) throws(SettingError) { try set(&root, .json(get(Root()))) }

  /// The option: `--learning-rate`.
  public var option: String { "--" + String(key.map { $0 == "_" ? "-" : $0 }) }

  /// The default as people read it; nil where there is none to speak of.
  public var defaultText: String? {
    if let standard { return standard }
    switch get(Root()) {
    case .null, .array, .object, .bool: return nil
    case .string(let text): return text.isEmpty ? nil : text
    case let number: return String(decoding: number.encoded(), as: UTF8.self)
    }
  }
}

/// A value that is not yet one of a setting.
enum SettingInput {
  /// Of a run file.
  case json(JSONValue)
  /// Of a command line, one text for each time that the option stands there.
  case texts([String])

  /// All texts.
  var texts: [String] {
    switch self {
    case .json(let json): (json.arrayValue ?? [json]).compactMap(\.stringValue)
    case .texts(let texts): texts
    }
  }

  var shown: String {
    switch self {
    case .json(.string(let text)): "'\(text.prefix(60))'"
    case .json(.integer(let value)): "\(value)"
    case .json(.number(let value)): "\(value)"
    case .json(let value): value.kind
    case .texts(let texts): "'\(texts.joined(separator: " ").prefix(60))'"
    }
  }
}

// MARK: Words of a table

extension Setting {
  /// Part of what a run is.
  public var identity: Setting { with { $0.isOfIdentity = true } }

  /// - Parameter change: changes the paths in the value: those of a run file count from its folder.
  public func rebased(
    _ change: @escaping @Sendable (inout Root, (String) -> String) -> Void
  ) -> Setting {
    with { $0.rebase = change }
  }

  /// Must be given.
  public var required: Setting { with { $0.isRequired = true } }

  /// - Parameter text: what is taken where nothing is given.
  public func standard(_ text: String) -> Setting { with { $0.standard = text } }

  /// - Parameter name: what stands for the value in help.
  public func named(_ name: String) -> Setting { with { $0.valueName = name } }

  /// - Parameter keys: what says the same in another way.
  public func instead(of keys: String...) -> Setting { with { $0.alternatives = keys } }

  private func with(_ change: (inout Setting) -> Void) -> Setting {
    var copy = self
    change(&copy)
    return copy
  }

  /// A path: in a run file it counts from the folder that the file lies in.
  public static func path(
    _ key: String, _ path: SettingPath<Root, String?>, _ help: String
  ) -> Setting {
    Setting(key, path, help).with { setting in
      setting.rebase = { (root, change) in root[keyPath: path] = root[keyPath: path].map(change) }
    }
  }

  /// A path that must be given.
  public static func path(
    _ key: String, _ path: SettingPath<Root, String>, _ help: String
  ) -> Setting {
    Setting(key, path, help).with { setting in
      setting.isRequired = true
      setting.rebase = { (root, change) in root[keyPath: path] = change(root[keyPath: path]) }
    }
  }

  /// Several paths.
  public static func paths(
    _ key: String, _ path: SettingPath<Root, [String]>, _ help: String
  ) -> Setting {
    Setting(key, path, help).with { setting in
      setting.rebase = { (root, change) in root[keyPath: path] = root[keyPath: path].map(change) }
    }
  }
}
