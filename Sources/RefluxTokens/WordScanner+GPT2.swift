extension WordScanner {
  /// One match of `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
  func endOfGPT2Word(from start: Int, in bytes: Span<UInt8>) -> Int {
    let contraction = endOfContraction(from: start, in: bytes)
    if contraction > start { return contraction }
    let (kind, length) = character(at: start, in: bytes)
    guard kind == .space else { return endOfRun(of: kind, from: start + length, in: bytes) }
    if bytes[start] == UInt8(ascii: " "), start + 1 < bytes.count {
      let (next, length) = character(at: start + 1, in: bytes)
      if next != .space { return endOfRun(of: next, from: start + 1 + length, in: bytes) }
    }
    return endOfSpace(from: start, in: bytes)
  }

  /// The same between digits, each of which stands alone and ends the text before it.
  func endOfDigitsWord(from start: Int, in bytes: Span<UInt8>) -> Int {
    let (kind, length) = character(at: start, in: bytes)
    if kind == .number { return start + length }
    if kind == .space {
      let end = endOfRun(of: .space, from: start, in: bytes)
      if end < bytes.count, character(at: end, in: bytes).kind == .number { return end }
    }
    return endOfGPT2Word(from: start, in: bytes)
  }
}
