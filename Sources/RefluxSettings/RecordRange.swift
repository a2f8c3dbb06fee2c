public import RefluxJSON

/// A range of records as people write it: `A..<B`, `A..<` or `..<B`.
public struct RecordRange: SingleSettingValue, Equatable {
  /// The first record.
  public let lower: Int
  /// The one after the last; nil for the end of the store.
  public let upper: Int?

  public static var expected: String { "a range A..<B" }

  /// Every record of a store.
  public static let all = RecordRange(lower: 0, upper: nil)

  private init(lower: Int, upper: Int?) {
    self.lower = lower
    self.upper = upper
  }

  public init?(text: String) {
    guard let mark = text.firstRange(of: "..<") else { return nil }
    let (first, last) = (text[..<mark.lowerBound], text[mark.upperBound...])
    guard let lower = first.isEmpty ? 0 : Self.number(first) else { return nil }
    if last.isEmpty {
      self.init(lower: lower, upper: nil)
    } else if let upper = Self.number(last), upper >= lower {
      self.init(lower: lower, upper: upper)
    } else {
      return nil
    }
  }

  public init?(json: JSONValue) {
    guard let text = json.stringValue else { return nil }
    self.init(text: text)
  }

  public var json: JSONValue { .string("\(lower)..<" + (upper.map { "\($0)" } ?? "")) }

  private static func number(_ text: Substring) -> Int? {
    text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
  }
}
