/// How a file spells the bytes of its tokens.
enum Spelling {
  /// A letter for each byte, as GPT-2 does.
  case byteLetters
  /// As text with "▁" for a space, and `<0x00>` to `<0xFF>` for single bytes.
  case marks

  /// The bytes of a spelling; nil for one that cannot be.
  func bytes(of spelling: String) -> [UInt8]? {
    switch self {
    case .byteLetters: ByteAlphabet.bytes(of: spelling)
    case .marks: PieceForm.bytes(of: spelling)
    }
  }

  /// What decoding gives for an added token: its content, in which marks are spaces too.
  func decoded(_ content: String) -> [UInt8] {
    let spelled = self == .marks ? bytes(of: content) : nil
    return spelled ?? Array(content.utf8)
  }

  /// What tokens look like, for a refusal.
  var expected: String {
    switch self {
    case .byteLetters: "tokens spelled in GPT-2's byte letters"
    case .marks: "tokens with '\(PieceForm.mark)' for spaces"
    }
  }
}
