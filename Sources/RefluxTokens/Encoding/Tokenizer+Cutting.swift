extension Tokenizer {
  /// The longest stretch that is merged as a whole where merges may cross all of it, in symbols; it
  /// bounds the memory of `encode`.
  public static let longestStretch = 1 << 22
  /// A longer word is cut where no merge can cross, in bytes.
  static let longestWord = 1 << 14

  /// The bytes of a text on either side of a place that ``canCut(_:at:)`` has to see.
  public var cutMargin: Int { 4 * added.longest + 16 }

  /// Whether a text may be cut at `offset`: the ids of what stands before, followed by those of the
  /// rest with ``EncodingOptions/isContinuing``, are the ids of the whole.
  ///
  /// - Parameter window: The text, or the part with ``cutMargin`` bytes of it on either side.
  /// - Complexity: some characters are looked at; about ``cutMargin`` bytes where a cut is likely.
  public func canCut(_ window: Span<UInt8>, at offset: Int) -> Bool {
    guard let last = UTF8Scalar.last(before: offset, in: window),
      let next = UTF8Scalar.next(at: offset, in: window)
    else { return false }
    // An added token after it may take in all white space before it; one before may do it up to
    // here, and would then be what the rest of the text follows.
    if isSpace(last.scalar), isSpace(next.scalar) || added.stripsRight && pieces != nil {
      return false
    }
    if let canonical = added.canonical, !canonical.isBoundary(next.scalar) { return false }
    if let pieces {
      let (left, right) = (
        pieces.symbols(offset - last.length..<offset, of: window),
        pieces.symbols(offset..<offset + next.length, of: window)
      )
      guard let left = left.last, let right = right.first,
        crossings.allowsCut(left, right, merges)
      else { return false }
    } else if !scanner.endsWord(last.scalar, next.scalar, at: offset, in: window) {
      return false
    }
    return !added.touch(offset, in: window, pieces?.form)
  }

  private func isSpace(_ scalar: Int) -> Bool {
    CharacterClass.table[scalar] == CharacterClass.space.rawValue
  }
}
