extension WordScanner {
  /// One match of the expression of Llama 3 and Qwen; see `WordPattern.expression(digits:)`.
  func endOfLlama3Word(from start: Int, in bytes: Span<UInt8>, digits: Int) -> Int {
    let contraction = endOfAnyCaseContraction(from: start, in: bytes)
    if contraction > start { return contraction }
    let (kind, length) = character(at: start, in: bytes)
    let next = start + length
    switch kind {
    case .letter: return endOfRun(of: .letter, from: next, in: bytes)
    case .number: return endOfDigits(from: start, limit: digits, in: bytes)
    case .space, .other:
      // One character before letters belongs to them, but for line ends.
      if !isLineEnd(bytes[start]), isKind(.letter, at: next, in: bytes) {
        return endOfRun(of: .letter, from: next, in: bytes)
      }
      if kind == .other || bytes[start] == UInt8(ascii: " ") && isKind(.other, at: next, in: bytes)
      {
        return endOfLineEnds(from: endOfRun(of: .other, from: next, in: bytes), in: bytes)
      }
      return endOfLines(from: start, in: bytes) ?? endOfSpace(from: start, in: bytes)
    }
  }

  /// As `endOfContraction`, whatever the case; the long s (U+017F) is an s without case.
  private func endOfAnyCaseContraction(from start: Int, in bytes: Span<UInt8>) -> Int {
    guard bytes[start] == UInt8(ascii: "'"), start + 1 < bytes.count else { return start }
    switch bytes[start + 1] | 0x20 {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"):
      return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return isLetter("e", at: start + 2, in: bytes) ? start + 3 : start
    case UInt8(ascii: "l"):
      return isLetter("l", at: start + 2, in: bytes) ? start + 3 : start
    case 0xE5 where start + 2 < bytes.count && bytes[start + 1] == 0xC5 && bytes[start + 2] == 0xBF:
      return start + 3
    default:
      return start
    }
  }

  /// The end of at most `limit` digits.
  private func endOfDigits(from start: Int, limit: Int, in bytes: Span<UInt8>) -> Int {
    var end = start
    for _ in 0..<limit where isKind(.number, at: end, in: bytes) {
      end += character(at: end, in: bytes).length
    }
    return end
  }

  /// The end of white space up to its last line end (`\s*[\r\n]+`), or nil where it has none.
  private func endOfLines(from start: Int, in bytes: Span<UInt8>) -> Int? {
    var end = start
    var lines: Int?
    while end < bytes.count {
      let (kind, length) = character(at: end, in: bytes)
      guard kind == .space else { return lines }
      if isLineEnd(bytes[end]) { lines = end + 1 }
      end += length
    }
    return lines
  }

  private func endOfLineEnds(from start: Int, in bytes: Span<UInt8>) -> Int {
    var end = start
    while end < bytes.count, isLineEnd(bytes[end]) { end += 1 }
    return end
  }

  private func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  private func isKind(_ kind: CharacterClass, at index: Int, in bytes: Span<UInt8>) -> Bool {
    index < bytes.count && character(at: index, in: bytes).kind == kind
  }

  private func isLetter(_ letter: Unicode.Scalar, at index: Int, in bytes: Span<UInt8>) -> Bool {
    index < bytes.count && UInt32(bytes[index] | 0x20) == letter.value
  }
}
