/// The first symbols of the bytes of a byte-level BPE: a token each. Where the vocabulary lacks it,
/// the tokens that spell the byte's letter (`byte_fallback`), the unknown token, or nothing.
struct ByteSymbols: Sendable {
  private enum Symbol {
    case token(UInt32)
    case spelled([UInt32])
    case unknown
  }

  private let symbols: [Symbol]
  let unknown: UInt32?
  private let fusesUnknown: Bool
  /// Whether some byte has no token of its own.
  let hasGaps: Bool

  /// - Parameters:
  ///   - tokens: the token of each byte.
  ///   - gaps: what the model does with bytes that have none.
  init(tokens: [UInt32?], gaps: TokenizerModel.Gaps?) {
    symbols = tokens.enumerated().map { byte, token in
      if let token { return .token(token) }
      guard let spelled = gaps?.spelled else { return .unknown }
      let letter = String(ByteAlphabet.scalars[byte]).utf8.map { spelled[Int($0)] }
      return letter.contains(nil) ? .unknown : .spelled(letter.compactMap(\.self))
    }
    hasGaps = tokens.contains(nil)
    unknown = gaps?.unknown?.id
    fusesUnknown = gaps?.fusesUnknown ?? false
  }

  /// Whether a byte of `word` has no token of its own.
  @inline(always)
  func lacks(_ word: Range<Int>, of bytes: Span<UInt8>) -> Bool {
    hasGaps && hasGap(word, of: bytes)
  }

  private func hasGap(_ word: Range<Int>, of bytes: Span<UInt8>) -> Bool {
    for index in word {
      if case .token = symbols[Int(bytes[index])] { continue }
      return true
    }
    return false
  }

  func append(_ range: Range<Int>, of bytes: Span<UInt8>, to buffer: inout SymbolBuffer) {
    for index in range {
      switch symbols[Int(bytes[index])] {
      case .token(let id): buffer.append(id)
      case .spelled(let ids): buffer.append(spelled: ids)
      case .unknown: buffer.appendUnknown(unknown, fusing: fusesUnknown, bytes: 1)
      }
    }
  }
}
