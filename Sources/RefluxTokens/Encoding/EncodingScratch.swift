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
  private var symbols = SymbolBuffer()
  private var merger = WordMerger()

  /// Adds the tokens of one word to `ids`.
  ///
  /// - Parameter prefixed: Whether a "▁" is put before it.
  mutating func encode(
    _ word: Range<Int>, of bytes: Span<UInt8>, prefixed: Bool, with tokenizer: Tokenizer,
    into ids: inout [UInt32], counting counts: inout EncodingCounts
  ) {
    guard word.count <= EncodingScratch.longestCachedWord, !prefixed,
      !tokenizer.bytes.lacks(word, of: bytes)
    else {
      return merge(word, of: bytes, prefixed, with: tokenizer, into: &ids, counting: &counts)
    }
    if words.count >= EncodingScratch.cachedWords
      || words.byteCount >= EncodingScratch.cachedBytes
    {
      forget()
    }
    let (index, isNew) = words.insert(word, in: bytes)
    if isNew {
      let first = ids.count
      merge(word, of: bytes, false, with: tokenizer, into: &ids, counting: &counts)
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
    _ word: Range<Int>, of bytes: Span<UInt8>, _ prefixed: Bool, with tokenizer: Tokenizer,
    into ids: inout [UInt32], counting counts: inout EncodingCounts
  ) {
    if let id = tokenizer.wholeWords?.id(of: word, in: bytes) { return ids.append(id) }
    symbols.removeAll()
    if prefixed, let pieces = tokenizer.pieces { pieces.appendMark(to: &symbols) }
    var start = word.lowerBound
    while start < word.upperBound {
      start = tokenizer.append(from: start, in: word, of: bytes, to: &symbols)
      if start == word.upperBound { symbols.finish() }
      merge(isWhole: start == word.upperBound, with: tokenizer, into: &ids, counting: &counts)
    }
    counts.unknownBytes += symbols.unknownBytes
    counts.droppedBytes += symbols.droppedBytes
  }

  /// Merges what is there of a word: all of it at its end, else what no merge can cross into the
  /// rest of it.
  private mutating func merge(
    isWhole: Bool, with tokenizer: Tokenizer, into ids: inout [UInt32],
    counting counts: inout EncodingCounts
  ) {
    var end = symbols.ids.count
    if !isWhole {
      let unknown = tokenizer.bytes.unknown
      if let cut = tokenizer.crossings.lastCut(of: &symbols, tokenizer.merges, unknown: unknown) {
        end = cut
      } else if end < tokenizer.stretchLimit {
        return
      } else {
        counts.cutStretches += 1
      }
    }
    merger.merge(symbols.ids[..<end], by: tokenizer.merges, into: &ids)
    symbols.removeFirst(end)
  }
}

/// Scratch kept between calls of `encode`: one for each thread that was ever in it at once.
final class EncodingScratchPool: Sendable {
  private let idle = Mutex<[EncodingScratch]>([])

  func take() -> EncodingScratch { idle.withLock { $0.popLast() } ?? EncodingScratch() }

  func give(_ scratch: EncodingScratch) { idle.withLock { $0.append(scratch) } }
}
