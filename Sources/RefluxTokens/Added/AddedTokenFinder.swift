/// Cuts texts at added tokens as the tokenizers package does: the leftmost longest content first,
/// then the conditions of its token.
struct AddedTokenFinder: Sendable {
  /// A stretch of a text: one token, or ordinary text between tokens.
  struct Part {
    var range: Range<Int>
    var token: UInt32?
  }

  private let tokens: [AddedToken]
  let trie: TokenTrie

  /// - Parameter tokens: each with the bytes to look for.
  /// - Throws: `TokenizerError.malformed` where two of them are the same.
  init?(_ tokens: [(token: AddedToken, pattern: [UInt8])]) throws(TokenizerError) {
    var trie = TokenTrie()
    var found: [AddedToken] = []
    for (token, pattern) in tokens where !pattern.isEmpty {
      guard trie.insert(pattern, value: UInt32(found.count)) else {
        throw .malformed(
          field: "added_tokens", found: "two tokens '\(token.content.prefix(60))' when normalized",
          expected: "tokens that differ")
      }
      found.append(token)
    }
    if found.isEmpty { return nil }
    (self.tokens, self.trie) = (found, trie)
  }

  /// The parts of `bytes` in order.
  ///
  /// - Parameters:
  ///   - parsesSpecial: whether special tokens are found; otherwise their content is ordinary text,
  ///     in which no other token is looked for.
  ///   - passedOver: grows by the special tokens that were ordinary text.
  /// - Complexity: linear in the text for tokens without long common starts.
  func parts(
    of bytes: Span<UInt8>, parsesSpecial: Bool, passedOver: inout Int
  ) -> [Part] {
    var parts: [Part] = []
    var done = 0
    var place = 0
    while let (index, match) = trie.next(from: place, in: bytes) {
      place = match.upperBound
      let token = tokens[Int(index)]
      if token.isSpecial, !parsesSpecial {
        passedOver += 1
        continue
      }
      if token.isSingleWord, isInWord(match, bytes) { continue }
      let range = stretch(match, token, from: done, in: bytes)
      if done < range.lowerBound { parts.append(Part(range: done..<range.lowerBound)) }
      if !range.isEmpty { parts.append(Part(range: range, token: token.id)) }
      done = range.upperBound
    }
    if done < bytes.count { parts.append(Part(range: done..<bytes.count)) }
    return parts
  }

  private func isInWord(_ match: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    let before = UTF8Scalar.last(before: match.lowerBound, in: bytes)
    let after = UTF8Scalar.next(at: match.upperBound, in: bytes)
    return [before, after].contains { $0.map { WordCharacter.contains($0.scalar) } ?? false }
  }

  /// The match with the white space that its token takes in, which may be what an earlier token
  /// took already: a match within that starts where it stands.
  private func stretch(
    _ match: Range<Int>, _ token: AddedToken, from done: Int, in bytes: Span<UInt8>
  ) -> Range<Int> {
    var (start, end) = (match.lowerBound, match.upperBound)
    if token.stripsLeft {
      while start > done, let last = UTF8Scalar.last(before: start, in: bytes),
        isSpace(last.scalar)
      {
        start -= last.length
      }
      start = max(start, done)
    }
    if token.stripsRight {
      while let next = UTF8Scalar.next(at: end, in: bytes), isSpace(next.scalar) {
        end += next.length
      }
    }
    return min(start, end)..<end
  }

  private func isSpace(_ scalar: Int) -> Bool {
    CharacterClass.table[scalar] == CharacterClass.space.rawValue
  }
}
