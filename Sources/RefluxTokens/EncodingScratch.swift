import Synchronization

/// What one running `encode` needs besides the tokenizer: merge buffers and the words met lately.
struct EncodingScratch: Sendable {
  /// Words of more bytes are merged anew each time.
  static let longestCachedWord = 48
  /// The cache starts again when it holds this many words or bytes of words.
  static let cachedWords = 1 << 15
  static let cachedBytes = 1 << 19

  private var words = WordTable(minimumCapacity: EncodingScratch.cachedWords)
  private var ends: [Int] = [0]
  private var tokens: [UInt32] = []
  private var merger = WordMerger()

  /// Adds the tokens of one word to `ids`.
  mutating func encode(
    _ word: Range<Int>, of bytes: Span<UInt8>, with tokenizer: Tokenizer,
    into ids: inout [UInt32]
  ) {
    // The first word of a text may have a space put before it.
    let isFirst = word.lowerBound == 0 && tokenizer.pieces != nil
    guard word.count <= EncodingScratch.longestCachedWord, !isFirst else {
      return merge(word, of: bytes, with: tokenizer, into: &ids)
    }
    if words.count >= EncodingScratch.cachedWords
      || words.byteCount >= EncodingScratch.cachedBytes
    {
      forget()
    }
    let (index, isNew) = words.insert(word, in: bytes)
    if isNew {
      let first = ids.count
      merge(word, of: bytes, with: tokenizer, into: &ids)
      tokens.append(contentsOf: ids[first...])
      ends.append(tokens.count)
      return
    }
    for place in ends[index]..<ends[index + 1] { ids.append(tokens[place]) }
  }

  private mutating func forget() {
    words.removeAll()
    tokens.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    ends.append(0)
  }

  private mutating func merge(
    _ word: Range<Int>, of bytes: Span<UInt8>, with tokenizer: Tokenizer,
    into ids: inout [UInt32]
  ) {
    if let id = tokenizer.wholeWords?.id(of: word, in: bytes) { return ids.append(id) }
    var symbols: [UInt32] = []
    symbols.reserveCapacity(word.count + 3)
    if let pieces = tokenizer.pieces {
      let isPrefixed = word.lowerBound == 0 && pieces.hasPrefix(bytes)
      pieces.append(word, of: bytes, prefixed: isPrefixed, to: &symbols)
    } else {
      for index in word { symbols.append(tokenizer.byteIDs[Int(bytes[index])]) }
    }
    merger.merge(symbols, by: tokenizer.merges, into: &ids)
  }
}

/// Scratch kept between calls of `encode`: one for each thread that was ever in it at once.
final class EncodingScratchPool: Sendable {
  private let idle = Mutex<[EncodingScratch]>([])

  func take() -> EncodingScratch { idle.withLock { $0.popLast() } ?? EncodingScratch() }

  func give(_ scratch: EncodingScratch) { idle.withLock { $0.append(scratch) } }
}
