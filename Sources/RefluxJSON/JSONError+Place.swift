extension JSONError {
  /// The error in a text that people edit, by line and column instead of the byte:
  /// `not JSON at line 7, column 1: found '}', expected a key in quotes`.
  ///
  /// - Parameter text: the document that was read.
  /// - Cost: a pass over the text.
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
