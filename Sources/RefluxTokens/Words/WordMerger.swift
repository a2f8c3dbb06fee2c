/// Applies merges to one word: the merge of the least rank first, the leftmost where ranks are
/// equal.
///
/// Short words are merged in flat arrays, quadratic but quick; long ones over a linked list with a
/// priority queue, O(n log n), so that a megabyte without a word's end is no trap.
struct WordMerger: Sendable {
  /// The longest word in bytes that is merged in flat arrays.
  static let flatLimit = 48

  private var ids: [UInt32] = []
  private var ranks: [UInt32] = []

  /// Replaces the ids of a word's bytes by the ids of its tokens.
  ///
  /// - Parameters:
  ///   - word: One id for each byte of the word.
  ///   - tokens: The array to which the word's tokens are added.
  mutating func merge(
    _ word: some Collection<UInt32>, by merges: MergeTable, into tokens: inout [UInt32]
  ) {
    if word.count <= WordMerger.flatLimit {
      mergeFlat(word, by: merges, into: &tokens)
    } else {
      var list = SymbolList(word, merges: merges)
      list.merge()
      list.append(to: &tokens)
    }
  }

  mutating func mergeFlat(
    _ word: some Collection<UInt32>, by merges: MergeTable, into tokens: inout [UInt32]
  ) {
    ids.removeAll(keepingCapacity: true)
    ids.append(contentsOf: word)
    ranks.removeAll(keepingCapacity: true)
    for index in 0..<max(0, ids.count - 1) { ranks.append(rank(at: index, by: merges)) }
    while let index = leastRank() {
      ids[index] = merges.product(ofRank: ranks[index])
      ids.remove(at: index + 1)
      ranks.remove(at: index)
      if index < ranks.count { ranks[index] = rank(at: index, by: merges) }
      if index > 0 { ranks[index - 1] = rank(at: index - 1, by: merges) }
    }
    tokens.append(contentsOf: ids)
  }

  @inline(always)
  private func rank(at index: Int, by merges: MergeTable) -> UInt32 {
    merges.rank(TokenPair(ids[index], ids[index + 1]))
  }

  @inline(always)
  private func leastRank() -> Int? {
    var least = MergeTable.noMerge
    var place: Int?
    for index in 0..<ranks.count where ranks[index] < least {
      least = ranks[index]
      place = index
    }
    return place
  }
}
