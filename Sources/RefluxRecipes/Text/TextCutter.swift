internal import RefluxBytes
internal import RefluxTokens

/// Where the text of a document may be cut into pieces that are encoded one by one.
struct TextCutter: Sendable {
  /// The bytes on either side of a place that decide whether it is one.
  let margin: Int
  /// Whether a text may be cut at an offset of a window of it.
  let canCut: @Sendable (Span<UInt8>, Int) -> Bool

  /// Cuts that the pieces' ids do not show.
  init(_ tokenizer: Tokenizer) {
    margin = tokenizer.cutMargin
    canCut = { tokenizer.canCut($0, at: $1) }
  }

  /// Cuts after line breaks between visible ASCII, where the words of byte-level training end.
  static let lines = TextCutter(margin: 2) { window, offset in
    let visible: ClosedRange<UInt8> = 0x21...0x7E
    return offset > 1 && window[offset - 1] == 0x0A && visible.contains(window[offset - 2])
      && visible.contains(window[offset])
  }

  private init(margin: Int, canCut: @escaping @Sendable (Span<UInt8>, Int) -> Bool) {
    self.margin = margin
    self.canCut = canCut
  }

  /// The first place from `start` on at which `text` may be cut, or its end.
  func next(from start: Int, in text: RawSpan) -> Int {
    var start = start
    while start < text.byteCount {
      let end = min(start + 4096, text.byteCount)
      let low = max(0, start - margin)
      let window = [UInt8](text.extracting(low..<min(end + margin, text.byteCount)))
      for offset in start..<end where canCut(window.span, offset - low) { return offset }
      start = end
    }
    return text.byteCount
  }
}
