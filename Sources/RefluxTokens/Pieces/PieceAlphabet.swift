/// How a text becomes the first symbols of a BPE over characters: the token of each character, or
/// those of its bytes where it has none; a space is the character "▁".
struct PieceAlphabet: Sendable {
  /// "▁" in UTF-8.
  private static let mark: [UInt8] = [0xE2, 0x96, 0x81]

  let form: PieceForm
  private let byteIDs: [UInt32]
  private let markIDs: [UInt32]
  private let characters: WholeWords
  /// Whether no token continues after a "▁" that follows another character: words then end there,
  /// and no merge is lost.
  private let endsWordsAtMarks: Bool

  /// - Parameters:
  ///   - byteIDs: the tokens of the 256 bytes.
  ///   - vocabulary: all other tokens that merges may make, "▁" as a space.
  init(
    _ form: PieceForm, byteIDs: [UInt32], vocabulary: [(id: UInt32, bytes: [UInt8])]
  ) {
    self.form = form
    self.byteIDs = byteIDs
    let single = vocabulary.filter { token in
      let bytes = token.bytes.span
      return bytes.count == 1 || UTF8Scalar.decode(at: 0, in: bytes)?.length == bytes.count
    }
    characters = WholeWords(single)
    let space = single.first { $0.bytes == [0x20] }
    markIDs = space.map { [$0.id] } ?? Self.mark.map { byteIDs[Int($0)] }
    endsWordsAtMarks = !vocabulary.contains { token in
      zip(token.bytes, token.bytes.dropFirst()).contains { $0 != 0x20 && $1 == 0x20 }
    }
  }

  /// The end of the word that starts at `start`: where a space follows another character, if no
  /// token crosses that; else the end of the text.
  func endOfWord(from start: Int, in bytes: Span<UInt8>) -> Int {
    var wasMark = true
    var end = start
    while end < bytes.count {
      let length = markLength(at: end, in: bytes)
      if length > 0, end > start {
        if form.splitsMarks || endsWordsAtMarks && !wasMark { return end }
      }
      wasMark = length > 0
      end += max(length, 1)
    }
    return end
  }

  /// Whether the text starts with a space or a "▁".
  func startsMarked(_ bytes: Span<UInt8>) -> Bool { markLength(at: 0, in: bytes) > 0 }

  func appendMark(to symbols: inout SymbolBuffer) {
    for id in markIDs { symbols.append(id) }
  }

  /// The symbols of one character.
  func symbols(_ character: Range<Int>, of bytes: Span<UInt8>) -> [UInt32] {
    var symbols = SymbolBuffer()
    _ = append(character, limit: character.upperBound, of: bytes, to: &symbols)
    return symbols.ids
  }

  /// Appends the symbols of a word up to the character that reaches `limit`; returns its end.
  func append(
    _ word: Range<Int>, limit: Int, of bytes: Span<UInt8>, to symbols: inout SymbolBuffer
  ) -> Int {
    var index = word.lowerBound
    while index < min(limit, word.upperBound) {
      let mark = markLength(at: index, in: bytes)
      if mark > 0 {
        appendMark(to: &symbols)
        index += mark
        continue
      }
      let length = bytes[index] < 0x80 ? 1 : UTF8Scalar.decode(at: index, in: bytes)?.length ?? 1
      let character = index..<min(index + length, word.upperBound)
      if let id = characters.id(of: character, in: bytes) {
        symbols.append(id)
      } else {
        for place in character { symbols.append(byteIDs[Int(bytes[place])]) }
      }
      index = character.upperBound
    }
    return index
  }

  /// The length of a space or "▁" at `index`; 0 for anything else.
  @inline(__always)
  private func markLength(at index: Int, in bytes: Span<UInt8>) -> Int {
    if bytes[index] == 0x20 { return 1 }
    guard bytes[index] == Self.mark[0], index + 2 < bytes.count, bytes[index + 1] == Self.mark[1],
      bytes[index + 2] == Self.mark[2]
    else { return 0 }
    return 3
  }
}
