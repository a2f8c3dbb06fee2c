internal import RefluxBytes
internal import RefluxFiles

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
  /// The cuts depend on the bytes alone. Those of a document lie where every pre-tokenizer of the
  /// GPT-2 family ends a word whatever follows: after a line break that has visible ASCII on both
  /// sides. So the ids of the pieces in a row are the ids of the whole.
  ///
  /// - Parameter size: the least number of bytes of a piece; all but the last are a little larger.
  static func cut(
    _ file: TextFile, mapped: MappedFile, size: Int = TextPiece.size
  ) -> [TextPiece] {
    let bytes = mapped.bytes
    var pieces: [TextPiece] = []
    var start = 0
    repeat {
      let end = end(from: start, of: bytes, layout: file.layout, size: size)
      pieces.append(
        TextPiece(
          file: file, mapped: mapped, range: start..<end, endsDocument: end == bytes.byteCount))
      start = end
    } while start < bytes.byteCount
    return pieces
  }

  private static func end(
    from start: Int, of bytes: RawSpan, layout: TextFile.Layout, size: Int
  ) -> Int {
    let count = bytes.byteCount
    var end = start + size
    while end < count {
      let isCut = layout == .jsonLines ? isLine(end, bytes) : isWord(end, bytes)
      if isCut { return end }
      end += 1
    }
    return count
  }

  private static func isLine(_ offset: Int, _ bytes: RawSpan) -> Bool {
    bytes.byte(at: offset - 1) == 0x0A
  }

  private static func isWord(_ offset: Int, _ bytes: RawSpan) -> Bool {
    guard offset >= 2, isLine(offset, bytes) else { return false }
    return isVisible(bytes.byte(at: offset - 2)) && isVisible(bytes.byte(at: offset))
  }

  private static func isVisible(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F }
}
