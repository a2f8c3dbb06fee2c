extension Tokenizer {
  /// How a text is encoded.
  public struct EncodingOptions: Equatable, Sendable {
    /// Whether the content of a special token in the text stands for the token; otherwise it is
    /// ordinary text, so that no document can forge an `<|endoftext|>`.
    public var parsesSpecial: Bool
    /// Whether the text continues one that was cut where ``Tokenizer/canCut(_:at:)`` allows it;
    /// nothing is put before it then.
    public var isContinuing: Bool

    /// Special tokens are ordinary text and the text is a whole one, where nothing else is said.
    public init(parsesSpecial: Bool = false, isContinuing: Bool = false) {
      self.parsesSpecial = parsesSpecial
      self.isContinuing = isContinuing
    }
  }

  /// The tokens of a text.
  ///
  /// The same ids as Hugging Face's `encode(text, add_special_tokens=False)` with
  /// `encode_special_tokens` set, or unset where special tokens are parsed. Added tokens that are
  /// not special are always found.
  ///
  /// - Parameters:
  ///   - bytes: Any bytes; those that are no UTF-8 are kept byte by byte.
  ///   - counts: Grows by what happened on the way.
  /// - Returns: The ids, at most one for each byte and added token.
  /// - Complexity: Linear but for single words beyond 48 bytes, O(n log n) in their length; about
  ///   5 MB of buffers for each thread, kept for the next call, and 20 bytes for each byte of the
  ///   longest stretch that merges may cross, at most ``longestStretch``.
  public func encode(
    _ bytes: Span<UInt8>, _ options: EncodingOptions = EncodingOptions(),
    counting counts: inout EncodingCounts
  ) -> [UInt32] {
    var ids: [UInt32] = []
    encode(bytes, options, into: &ids, counting: &counts)
    return ids
  }

  /// Appends the tokens of a text to `ids`; see ``encode(_:_:counting:)``.
  public func encode(
    _ bytes: Span<UInt8>, _ options: EncodingOptions = EncodingOptions(),
    into ids: inout [UInt32], counting counts: inout EncodingCounts
  ) {
    let before = ids
    ids = []  // so that the run alone holds them
    var run = EncodingRun(self, options, ids: consume before, expecting: bytes.count)
    run.encode(bytes)
    counts += run.counts
    ids = run.finish()
  }

  /// The tokens of a text; see ``encode(_:_:counting:)``.
  public func encode(
    _ bytes: Span<UInt8>, _ options: EncodingOptions = EncodingOptions()
  ) -> [UInt32] {
    var counts = EncodingCounts()
    return encode(bytes, options, counting: &counts)
  }

  /// The tokens of a text; see ``encode(_:_:counting:)``.
  public func encode(
    _ bytes: [UInt8], _ options: EncodingOptions = EncodingOptions()
  ) -> [UInt32] {
    encode(bytes.span, options)
  }

  /// The tokens of a text; see ``encode(_:_:counting:)``.
  public func encode(
    _ text: String, _ options: EncodingOptions = EncodingOptions()
  ) -> [UInt32] {
    encode(Array(text.utf8), options)
  }
}
