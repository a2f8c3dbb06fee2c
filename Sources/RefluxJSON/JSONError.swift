internal import RefluxBytes

/// Why bytes are not a JSON document; offsets count bytes from the start of the document.
public enum JSONError: Error, Equatable, Sendable {
  /// The document ends where more was expected.
  case endOfInput(expected: String)
  /// A byte that cannot stand at this place.
  case unexpected(byte: UInt8, offset: Int, expected: String)
  /// Arrays and objects inside each other beyond the limit.
  case tooDeep(offset: Int, limit: Int)
  /// More values than the reader takes.
  case tooMany(offset: Int, limit: Int)
  /// A key that the same object has already.
  case duplicateKey(String, offset: Int)
  /// A string with a lone surrogate, an unknown escape or bytes that are no UTF-8.
  case malformedString(offset: Int)
  /// A number with a leading zero, without digits, or beyond the range of a double.
  case malformedNumber(offset: Int)
}

extension JSONError: CustomStringConvertible {
  public var description: String { described(at: "byte \(offset ?? 0)") }

  /// The description of an error at a place.
  func described(at place: String) -> String {
    switch self {
    case .endOfInput(let expected):
      "JSON ends where \(expected) was expected; the file may be cut short"
    case .unexpected(let byte, _, let expected):
      "not JSON at \(place): found \(JSONError.shown(byte)), expected \(expected)"
    case .tooDeep(_, let limit):
      "JSON at \(place) is nested deeper than \(limit) levels; expected a flatter document"
    case .tooMany(_, let limit):
      "JSON at \(place) goes beyond \(limit) values; expected a smaller document"
    case .duplicateKey(let key, _):
      "JSON at \(place): key '\(foreign: key)' comes twice in one object; remove one of them"
    case .malformedString:
      "JSON string at \(place) is malformed; expected valid UTF-8 and known escapes"
    case .malformedNumber:
      "JSON number at \(place) is malformed; expected one such as 12, -0.5 or 1e9"
    }
  }

  private static func shown(_ byte: UInt8) -> String {
    if (0x21...0x7E).contains(byte) { return "'\(Character(Unicode.Scalar(byte)))'" }
    let digits = String(byte, radix: 16, uppercase: true)
    return "byte 0x" + (digits.count < 2 ? "0" : "") + digits
  }
}

extension JSONError {
  /// The error in a text that people edit, by line and column instead of the byte:
  /// `not JSON at line 7, column 1: found '}', expected a key in quotes`.
  ///
  /// - Parameter text: the document that was read.
  /// - Complexity: a pass over the text.
  public func described(in text: [UInt8]) -> String {
    guard let offset else { return description }
    let before = text.prefix(offset)
    let line = before.count { $0 == 0x0A } + 1
    let start = (before.lastIndex(of: 0x0A) ?? -1) + 1
    let column = String(decoding: before[start...], as: UTF8.self).count + 1
    let described = described(at: "line \(line), column \(column)")
    return isTrailingComma(in: text) ? described + "; the comma before it must go" : described
  }

  /// The place in the document; nil for its end.
  var offset: Int? {
    switch self {
    case .endOfInput: nil
    case .unexpected(_, let offset, _), .tooDeep(let offset, _), .tooMany(let offset, _),
      .duplicateKey(_, let offset),
      .malformedString(let offset), .malformedNumber(let offset):
      offset
    }
  }

  private func isTrailingComma(in text: [UInt8]) -> Bool {
    guard case .unexpected(let byte, let offset, _) = self, [0x7D, 0x5D].contains(byte) else {
      return false
    }
    return text.prefix(offset).last { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == 0x2C
  }
}
