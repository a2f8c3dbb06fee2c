public import RefluxCapture
public import RefluxJSON
public import RefluxSettings

/// One of several equal parts: `0/8` to `7/8`.
public struct PartNumber: SingleSettingValue {
  /// The part of a capture.
  public let part: CapturePart
  private let text: String

  public static var expected: String { "K/N with K from 0 to below N" }

  public init?(text: String) {
    let fields = text.split(separator: "/", omittingEmptySubsequences: false)
    guard fields.count == 2, let index = Int(fields[0]), let count = Int(fields[1]),
      (1...65_536).contains(count), (0..<count).contains(index)
    else { return nil }
    part = CapturePart(index, of: count)
    self.text = text
  }

  public init?(json: JSONValue) {
    guard let text = json.stringValue else { return nil }
    self.init(text: text)
  }

  public var json: JSONValue { .string(text) }
}
