public import RefluxJSON

/// How values of a type are written on a command line.
public enum SettingForm: Sendable, Equatable {
  /// `--recompute` and `--no-recompute`.
  case flag
  /// One text; `choices` are all that there are, none where any text may be one.
  case text(choices: [String])
  /// Several texts, with an option for each.
  case repeated
}

/// A type that settings can have.
public protocol SettingValue: Sendable {
  /// What bounds are about: the type itself, or that of its elements.
  associatedtype Single: Sendable
  /// What a value may be, in words: `a whole number`.
  static var expected: String { get }
  static var form: SettingForm { get }
  /// What a shell may complete a value to: all there are, or the usual ones.
  static var completions: [String] { get }

  /// Nil for a value of another type.
  init?(json: JSONValue)
  /// Nil for texts that are no value.
  init?(texts: [String])
  /// The value as run files have it: what ``init(json:)`` makes the same value of.
  var json: JSONValue { get }
  /// What bounds are held against.
  var singles: [Single] { get }
  /// What is wrong with a text that is no value, in words; nil where ``expected`` says it all.
  static func fault(in text: String) -> String?
}

extension SettingValue {
  /// The choices of the form.
  public static var completions: [String] {
    if case .text(let choices) = form { choices } else { [] }
  }
  /// Nothing that ``expected`` does not say.
  public static func fault(in text: String) -> String? { nil }
}

/// A type whose values are one word or number each.
public protocol SingleSettingValue: SettingValue where Single == Self {
  /// Nil for a text that is no value.
  init?(text: String)
}

extension SingleSettingValue {
  /// What help and errors say of the type.
  public static var form: SettingForm { .text(choices: []) }
  /// The value of a command line.
  public init?(texts: [String]) {
    guard let text = texts.last else { return nil }
    self.init(text: text)
  }
  /// Nothing but the value itself.
  public var singles: [Self] { [self] }
}

extension Bool: SettingValue {
  /// What help and errors say of the type.
  public static var expected: String { "true or false" }
  public static var form: SettingForm { .flag }
  /// The value of a run file.
  public init?(json: JSONValue) {
    guard let value = json.boolValue else { return nil }
    self = value
  }
  /// The value of a command line.
  public init?(texts: [String]) {
    guard let text = texts.last, let value = Bool(text) else { return nil }
    self = value
  }
  /// What run files have.
  public var json: JSONValue { .bool(self) }
  public var singles: [Bool] { [self] }
}

extension String: SingleSettingValue {
  /// What help and errors say of the type.
  public static var expected: String { "a text" }
  /// The value of a run file.
  public init?(json: JSONValue) {
    // A zero would end a path before its end.
    guard let text = json.stringValue, !text.utf8.contains(0) else { return nil }
    self = text
  }
  /// The value of a command line.
  public init?(text: String) { self = text }
  /// What run files have.
  public var json: JSONValue { .string(self) }
}

extension Int: SingleSettingValue {
  /// What help and errors say of the type.
  public static var expected: String { "a whole number" }
  /// The value of a run file.
  public init?(json: JSONValue) {
    // 1e6 is whole, and so are the floats of a program that has no others.
    let exact = json.doubleValue.flatMap { $0.magnitude <= 0x1p53 ? Int(exactly: $0) : nil }
    guard let value = json.integerValue ?? exact else { return nil }
    self = value
  }
  /// The value of a command line.
  public init?(text: String) { self.init(text) }
  /// What run files have.
  public var json: JSONValue { .integer(self) }
}

extension UInt64: SingleSettingValue {
  /// What help and errors say of the type.
  public static var expected: String { "a whole number of 0 to 2^64 - 1" }
  /// The value of a run file.
  public init?(json: JSONValue) {
    if let value = Int(json: json) {
      self.init(exactly: value)
    } else if let text = json.stringValue {
      // Above 2^63, where readers of JSON would round it.
      self.init(text)
    } else {
      return nil
    }
  }
  /// The value of a command line.
  public init?(text: String) { self.init(text) }
  /// What run files have.
  public var json: JSONValue { Int(exactly: self).map { .integer($0) } ?? .string("\(self)") }
}

extension Double: SingleSettingValue {
  /// What help and errors say of the type.
  public static var expected: String { "a number" }
  /// The value of a run file.
  public init?(json: JSONValue) {
    guard let value = json.doubleValue, value.isFinite else { return nil }
    self = value
  }
  /// The value of a command line.
  public init?(text: String) {
    guard let value = Double(text), value.isFinite else { return nil }
    self = value
  }
  /// What run files have.
  public var json: JSONValue { .number(self) }
}

extension Float: SingleSettingValue {
  /// What help and errors say of the type.
  public static var expected: String { Double.expected }
  /// The value of a run file.
  public init?(json: JSONValue) {
    guard let value = json.doubleValue, Float(value).isFinite else { return nil }
    self.init(value)
  }
  /// The value of a command line.
  public init?(text: String) {
    guard let value = Float(text), value.isFinite else { return nil }
    self = value
  }
  /// In its own shortest form: 0.1, not 0.10000000149011612.
  public var json: JSONValue { .number(Double(description) ?? Double(self)) }
}

extension Optional: SettingValue where Wrapped: SettingValue {
  /// What help and errors say of the type.
  public static var expected: String { Wrapped.expected }
  public static var form: SettingForm { Wrapped.form }
  /// Those of the type.
  public static var completions: [String] { Wrapped.completions }
  /// The value of a run file.
  public init?(json: JSONValue) {
    if json.isNull {
      self = .none
    } else if let value = Wrapped(json: json) {
      self = .some(value)
    } else {
      return nil
    }
  }
  /// The value of a command line.
  public init?(texts: [String]) {
    guard let value = Wrapped(texts: texts) else { return nil }
    self = .some(value)
  }
  /// What run files have.
  public var json: JSONValue { map(\.json) ?? .null }
  public var singles: [Wrapped.Single] { map(\.singles) ?? [] }
  /// What is wrong with a value of the wrapped type.
  public static func fault(in text: String) -> String? { Wrapped.fault(in: text) }
}

extension Array: SettingValue where Element: SingleSettingValue {
  /// What help and errors say of the type.
  public static var expected: String { "a list, each \(Element.expected)" }
  public static var form: SettingForm { .repeated }
  /// The value of a run file.
  public init?(json: JSONValue) {
    guard let values = json.arrayValue else { return nil }
    self = []
    for value in values {
      guard let value = Element(json: value) else { return nil }
      append(value)
    }
  }
  /// The value of a command line.
  public init?(texts: [String]) {
    self = []
    for text in texts {
      guard let value = Element(text: text) else { return nil }
      append(value)
    }
  }
  /// What run files have.
  public var json: JSONValue { .array(map(\.json)) }
  public var singles: [Element] { self }
  /// What is wrong with one element.
  public static func fault(in text: String) -> String? { Element.fault(in: text) }
}
