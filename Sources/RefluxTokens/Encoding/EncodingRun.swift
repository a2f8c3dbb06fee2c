/// One text on its way to ids: cut at added tokens, normalized, cut at the added tokens that stand
/// in the normalized text, then word by word.
struct EncodingRun {
  /// Where a stretch of ordinary text stands, which decides what may be put before it.
  private enum Place {
    case textStart
    case afterToken
    case continuing
  }

  private let tokenizer: Tokenizer
  private let options: Tokenizer.EncodingOptions
  private var scratch: EncodingScratch
  private var ids: [UInt32]
  private(set) var counts = EncodingCounts()

  /// - Parameter ids: what the text's ids are appended to.
  init(
    _ tokenizer: Tokenizer, _ options: Tokenizer.EncodingOptions, ids: consuming [UInt32],
    expecting bytes: Int
  ) {
    self.tokenizer = tokenizer
    self.options = options
    scratch = tokenizer.pool.take()
    self.ids = ids
    if self.ids.isEmpty { self.ids.reserveCapacity(bytes / 3 + 8) }
  }

  mutating func encode(_ bytes: Span<UInt8>) {
    let start = options.isContinuing ? Place.continuing : .textStart
    guard let finder = tokenizer.added.raw else { return encode(text: bytes, start) }
    for part in parts(of: bytes, by: finder) {
      if let id = part.token {
        ids.append(id)
        continue
      }
      let place = part.range.lowerBound == 0 ? start : .afterToken
      encode(text: bytes.extracting(part.range), place)
    }
  }

  /// The ids, and the buffers back to the tokenizer.
  consuming func finish() -> [UInt32] {
    tokenizer.pool.give(scratch)
    return ids
  }

  private mutating func parts(
    of bytes: Span<UInt8>, by finder: AddedTokenFinder
  ) -> [AddedTokenFinder.Part] {
    finder.parts(
      of: bytes, parsesSpecial: options.parsesSpecial, passedOver: &counts.specialTexts)
  }

  /// Text between the tokens that are found as they are written.
  private mutating func encode(text: Span<UInt8>, _ place: Place) {
    if text.isEmpty { return }
    if let composed = tokenizer.added.canonical?.compose(text) {
      encode(composed: composed.span, place)
    } else {
      encode(composed: text, place)
    }
  }

  private mutating func encode(composed text: Span<UInt8>, _ place: Place) {
    guard let finder = tokenizer.added.normalized else { return encode(words: text, place) }
    if let form = tokenizer.pieces?.form, form.replacesSpaces {
      let marked = form.normalize([UInt8](copying: text), prefixed: place != .continuing)
      encode(normalized: marked.span, finder, nil)
    } else {
      encode(normalized: text, finder, place)
    }
  }

  /// - Parameter place: nil where all that is put before a text stands there already.
  private mutating func encode(
    normalized text: Span<UInt8>, _ finder: AddedTokenFinder, _ place: Place?
  ) {
    for part in parts(of: text, by: finder) {
      if let id = part.token {
        ids.append(id)
        continue
      }
      let own = part.range.lowerBound == 0 || place == nil ? place : .afterToken
      encode(words: text.extracting(part.range), own)
    }
  }

  private mutating func encode(words text: Span<UInt8>, _ place: Place?) {
    // The two kinds apart, so that nothing is chosen or held anew for every word.
    if let pieces = tokenizer.pieces {
      encode(words: text, by: pieces, prefixed: isPrefixed(text, place))
    } else {
      encode(words: text, by: tokenizer.scanner, prefixed: false)
    }
  }

  private mutating func encode(
    words text: Span<UInt8>, by cutter: some WordCutter, prefixed: Bool
  ) {
    let tokenizer = self.tokenizer
    var start = 0
    while start < text.count {
      let end = cutter.endOfWord(from: start, in: text)
      scratch.encode(
        start..<end, of: text, prefixed: prefixed && start == 0, with: tokenizer, into: &ids,
        counting: &counts)
      start = end
    }
  }

  private func isPrefixed(_ text: Span<UInt8>, _ place: Place?) -> Bool {
    guard let pieces = tokenizer.pieces, let place, place != .continuing else { return false }
    switch pieces.form.prefix {
    case .always: return true
    case .unlessMarked: return !pieces.startsMarked(text)
    case .firstUnlessMarked: return place == .textStart && !pieces.startsMarked(text)
    case .never: return false
    }
  }
}

/// What cuts a text into the words that merges cannot leave.
private protocol WordCutter {
  func endOfWord(from start: Int, in bytes: Span<UInt8>) -> Int
}

extension PieceAlphabet: WordCutter {}
extension WordScanner: WordCutter {}

/// What encoding met that a user may want to know of.
public struct EncodingCounts: Equatable, Sendable {
  /// Contents of special tokens that stayed ordinary text.
  public var specialTexts = 0
  /// Bytes without a token that became the unknown token.
  public var unknownBytes = 0
  /// Bytes without a token that were left out, since there is no unknown token.
  public var droppedBytes = 0
  /// Stretches beyond `Tokenizer.longestStretch` that merges might have crossed and that were cut:
  /// there the ids may differ from those of the text as a whole.
  public var cutStretches = 0

  /// Nothing met.
  public init() {}

  /// Adds up two counts.
  public static func += (left: inout EncodingCounts, right: EncodingCounts) {
    left.specialTexts += right.specialTexts
    left.unknownBytes += right.unknownBytes
    left.droppedBytes += right.droppedBytes
    left.cutStretches += right.cutStretches
  }
}
