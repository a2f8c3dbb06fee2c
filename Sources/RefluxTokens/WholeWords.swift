/// The tokens that stand for a whole word without any merge (`ignore_merges` in tokenizer.json).
struct WholeWords: Sendable {
  private var table = WordTable()
  private var ids: [UInt32] = []

  init(_ tokens: some Sequence<(id: UInt32, bytes: [UInt8])>) {
    for (id, bytes) in tokens
    where !bytes.isEmpty && table.insert(bytes.indices, in: bytes.span).isNew {
      ids.append(id)
    }
  }

  /// The token that is exactly this word, or nil.
  func id(of word: Range<Int>, in text: Span<UInt8>) -> UInt32? {
    table.find(word, in: text).map { ids[$0] }
  }
}
