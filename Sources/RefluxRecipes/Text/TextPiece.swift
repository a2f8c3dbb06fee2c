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
