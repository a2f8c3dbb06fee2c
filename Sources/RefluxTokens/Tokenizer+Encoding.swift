extension Tokenizer {
  /// The tokens of a text.
  ///
  /// The same ids as Hugging Face's `encode(text, add_special_tokens=False)` for every text without
  /// the content of an added token: that is ordinary text here, so nothing in a document can forge an
  /// `<|endoftext|>`.
  ///
  /// - Parameter bytes: Any bytes; those that are no UTF-8 are kept byte by byte.
  /// - Returns: The ids, at most one for each byte.
  /// - Cost: Linear but for single words beyond 48 bytes, O(n log n) in their length; up to about
  ///   5 MB of buffers for each thread, kept for the next call.
  public func encode(_ bytes: Span<UInt8>) -> [UInt32] {
    var ids: [UInt32] = []
    ids.reserveCapacity(bytes.count / 3 + 8)
    var scratch = pool.take()
    var start = 0
    while start < bytes.count {
      let end = scanner.endOfWord(from: start, in: bytes)
      scratch.encode(start..<end, of: bytes, with: self, into: &ids)
      start = end
    }
    pool.give(scratch)
    return ids
  }

  /// The tokens of a text; see ``encode(_:)-(Span<UInt8>)``.
  public func encode(_ bytes: [UInt8]) -> [UInt32] { encode(bytes.span) }

  /// The tokens of a text; see ``encode(_:)-(Span<UInt8>)``.
  public func encode(_ text: String) -> [UInt32] { encode(Array(text.utf8)) }
}
