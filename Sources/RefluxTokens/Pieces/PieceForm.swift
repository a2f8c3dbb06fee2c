internal import RefluxJSON

/// How a tokenizer over characters treats spaces, as SentencePiece does: each is written "▁".
///
/// The file's own words for it are kept, since several say the same.
struct PieceForm: Sendable, Equatable {
  /// When a stretch of text between added tokens gets a "▁" before its first character.
  enum Prefix {
    /// By the normalizer, before added tokens are looked for in what it makes.
    case always
    /// Unless it starts with a space or a "▁".
    case unlessMarked
    /// At the start of the whole text alone, unless that starts with a space or a "▁".
    case firstUnlessMarked
    case never
  }

  /// The letter that stands for a space.
  static let mark = "\u{2581}"

  var prefix: Prefix
  /// Whether the normalizer replaces spaces, so that added tokens are looked for after that.
  var replacesSpaces = false
  /// Whether every "▁" begins a word, also after another one.
  var splitsMarks = false
  /// Whether a space at the start of a decoded text goes.
  var stripsSpace = false

  /// The members of the file that say so.
  let normalizer: JSONValue
  let preTokenizer: JSONValue
  let decoder: JSONValue
  /// The model's token for what cannot be spelled, which never comes: all bytes can.
  let unknown: JSONValue
  let fusesUnknown: Bool

  /// The bytes of a token's spelling; nil for none, and where a space stands in it.
  static func bytes(of spelling: String) -> [UInt8]? {
    if let byte = byte(of: spelling) { return [byte] }
    if spelling.isEmpty || spelling.utf8.contains(0x20) { return nil }
    return replace(Array(mark.utf8), by: [0x20], in: Array(spelling.utf8))
  }

  /// The byte of `<0x00>` to `<0xFF>`.
  static func byte(of spelling: String) -> UInt8? {
    let letters = Array(spelling.utf8)
    guard letters.count == 6, letters.starts(with: "<0x".utf8), letters[5] == UInt8(ascii: ">"),
      letters[3] != UInt8(ascii: "+")
    else { return nil }
    return UInt8(String(decoding: letters[3..<5], as: UTF8.self), radix: 16)
  }

  /// The spelling of a token that is no byte's.
  static func spell(_ bytes: [UInt8]) -> String {
    String(decoding: replace([0x20], by: Array(mark.utf8), in: bytes), as: UTF8.self)
  }

  /// What the normalizer makes of a stretch of text.
  func normalize(_ bytes: [UInt8], prefixed: Bool) -> [UInt8] {
    let mark = Array(Self.mark.utf8)
    var result = prefixed && prefix == .always && !bytes.isEmpty ? mark : []
    for byte in bytes {
      if byte == 0x20 { result += mark } else { result.append(byte) }
    }
    return result
  }

  /// Byte by byte: a mark may carry an accent, which makes another character of it.
  private static func replace(
    _ old: [UInt8], by new: [UInt8], in bytes: [UInt8]
  ) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let isOld = bytes[index...].starts(with: old)
      if isOld { result += new } else { result.append(bytes[index]) }
      index += isOld ? old.count : 1
    }
    return result
  }

  static func spell(byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x" + (digits.count < 2 ? "0" : "") + digits + ">"
  }
}
