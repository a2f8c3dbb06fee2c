extension Tokenizer {
  /// The longest word that is merged as a whole, in bytes; it bounds the memory of `encode`.
  public static let longestWord = 1 << 20

  /// The tokens of a text.
  ///
  /// The same ids as Hugging Face's `encode(text, add_special_tokens=False)` for every text without
  /// the content of an added token: that is ordinary text here, so nothing in a document can forge
  /// an `<|endoftext|>`.
  ///
  /// - Parameter bytes: Any bytes; those that are no UTF-8 are kept byte by byte.
  /// - Returns: The ids, at most one for each byte.
  /// - Cost: Linear but for single words beyond 48 bytes, O(n log n) in their length; about 5 MB of
  ///   buffers for each thread, kept for the next call, and 20 bytes for each byte of the longest
  ///   word. A word beyond ``longestWord`` is merged in parts of that length.
  public func encode(_ bytes: Span<UInt8>) -> [UInt32] {
    var ids: [UInt32] = []
    ids.reserveCapacity(bytes.count / 3 + 8)
    var scratch = pool.take()
    var start = 0
    while start < bytes.count {
      let end =
        pieces?.endOfWord(from: start, in: bytes) ?? scanner.endOfWord(from: start, in: bytes)
      while start < end {
        var stop = min(end, start + Tokenizer.longestWord)
        if let pieces, stop < end { stop = pieces.endOfPart(stop, in: bytes) }
        scratch.encode(start..<stop, of: bytes, with: self, into: &ids)
        start = stop
      }
    }
    pool.give(scratch)
    return ids
  }

  /// The tokens of a text; see ``encode(_:)-(Span<UInt8>)``.
  public func encode(_ bytes: [UInt8]) -> [UInt32] { encode(bytes.span) }

  /// The tokens of a text; see ``encode(_:)-(Span<UInt8>)``.
  public func encode(_ text: String) -> [UInt32] { encode(Array(text.utf8)) }
}
