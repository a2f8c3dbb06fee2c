/// An option of an objective: its key, its default and what it takes.
public struct ObjectiveOption: Sendable, Equatable {
  /// What values an option takes; the default stands first.
  public enum Form: Sendable, Equatable {
    /// A number, or a word in its place.
    case number(Double, NumberRange, word: String? = nil)
    case integer(Int, ClosedRange<Int>)
    /// `yes` or `no`.
    case flag(Bool)
    case choice([String])
    /// The name of a file, which must be given.
    case file
  }

  /// The key, as it is typed before `=`.
  public let key: String
  /// Which values it takes.
  public let form: Form
  /// What it is, in a few words.
  public let help: String

  init(_ key: String, _ form: Form, _ help: String) {
    (self.key, self.form, self.help) = (key, form, help)
  }

  /// The value where none is given; nil where one must be.
  public var defaultValue: OptionValue? {
    switch form {
    case .number(let value, _, _): .number(value)
    case .integer(let value, _): .integer(value)
    case .flag(let value): .flag(value)
    case .choice(let words): words.first.map { .word($0) }
    case .file: nil
    }
  }

  /// The value that a text stands for; nil for any that the option does not take.
  public func value(_ text: String) -> OptionValue? {
    switch form {
    case .number(_, _, let word?) where text == word: .word(text)
    case .number(_, let range, _): Self.number(text, range).map { .number($0) }
    case .integer(_, let range): Int(text).flatMap { range.contains($0) ? .integer($0) : nil }
    case .flag: text == "yes" ? .flag(true) : text == "no" ? .flag(false) : nil
    case .choice(let words): words.contains(text) ? .word(text) : nil
    case .file: text.isEmpty ? nil : .word(text)
    }
  }

  private static func number(_ text: String, _ range: NumberRange) -> Double? {
    guard let value = Double(text), value.isFinite, range.contains(value) else { return nil }
    return value
  }

  /// What the option takes, in words: `a number of 0 to 1`.
  public var expected: String {
    switch form {
    case .number(_, let range, let word): range.text + (word.map { ", or '\($0)'" } ?? "")
    case .integer(_, let range):
      range.upperBound == .max
        ? "a whole number of \(range.lowerBound) or more"
        : "a whole number of \(range.lowerBound) to \(range.upperBound)"
    case .flag: "yes or no"
    case .choice(let words): words.joined(separator: " or ")
    case .file: "the name of a file"
    }
  }
}

extension ObjectiveOption {
  static let temperature = ObjectiveOption(
    "temperature", .number(1, .above(0, to: 1000)),
    "T: both sides are the softmax of logits / T; sets of ids are at 1")
  static let tail = ObjectiveOption(
    "tail", .choice(["bucket", "drop"]),
    "the rest of a set: one bucket with all other ids, or nothing")
  static let group = ObjectiveOption(
    "group", .integer(32, 1...Int.max), "consecutive rows that stand together")
}
