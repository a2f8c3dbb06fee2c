internal import RefluxBytes
internal import RefluxFiles
internal import RefluxTokens

/// A part of one file that a worker turns into ids on its own.
struct TextPiece: Sendable {
  let file: TextFile
  let mapped: MappedFile
  /// Bytes of the file.
  let range: Range<Int>
  /// Whether a document of layout `document` ends here.
  let endsDocument: Bool

  /// The bytes near which a file is cut.
  static let size = 1 << 20

  /// The whole of `file` cut into pieces.
  ///
  /// The cuts depend on the bytes and the cutter alone. Documents are cut where the ids of the
  /// pieces in a row are the ids of the whole.
  ///
  /// - Parameter size: the least number of bytes of a piece; all but the last are a little larger.
  static func cut(
    _ file: TextFile, mapped: MappedFile, _ cutter: TextCutter, size: Int = TextPiece.size
  ) -> [TextPiece] {
    let bytes = mapped.bytes
    var pieces: [TextPiece] = []
    var start = 0
    repeat {
      let end =
        file.layout == .jsonLines
        ? endOfLine(from: start + size, in: bytes) : cutter.next(from: start + size, in: bytes)
      pieces.append(
        TextPiece(
          file: file, mapped: mapped, range: start..<end, endsDocument: end == bytes.byteCount))
      start = end
    } while start < bytes.byteCount
    return pieces
  }

  private static func endOfLine(from start: Int, in bytes: RawSpan) -> Int {
    var end = start
    while end < bytes.byteCount, bytes.byte(at: end - 1) != 0x0A { end += 1 }
    return min(end, bytes.byteCount)
  }
}

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
