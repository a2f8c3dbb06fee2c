/// A long word under merge: a doubly linked list of symbols and the queue of merges that may apply.
struct SymbolList {
  /// A merge that may apply: its rank above the place of its left symbol, so that the least one is
  /// the leftmost of the least rank.
  private struct Candidate: Comparable {
    let key: UInt64

    init(rank: UInt32, place: Int) { key = UInt64(rank) << 32 | UInt64(place) }

    var rank: UInt32 { UInt32(truncatingIfNeeded: key >> 32) }
    var place: Int { Int(key & 0xFFFF_FFFF) }

    static func < (one: Candidate, other: Candidate) -> Bool { one.key < other.key }
  }

  /// Where a list ends, and the id of a symbol that was merged away.
  private static let none = UInt32.max

  private var ids: [UInt32]
  private var next: [UInt32]
  private var previous: [UInt32]
  private var queue = BinaryHeap<Candidate>()
  private let merges: MergeTable

  /// - Precondition: The word has fewer than 2^32 - 1 symbols.
  init(_ word: some Collection<UInt32>, merges: MergeTable) {
    precondition(word.count < Int(UInt32.max), "a word beyond the limit")
    let count = UInt32(word.count)
    ids = Array(word)
    next = (0..<count).map { $0 + 1 < count ? $0 + 1 : SymbolList.none }
    previous = (0..<count).map { $0 > 0 ? $0 - 1 : SymbolList.none }
    self.merges = merges
    queue = BinaryHeap(ids.indices.compactMap { candidate(at: $0) })
  }

  mutating func merge() {
    while let best = queue.pop() {
      // An entry is out of date where its symbol went or was merged since: then the pair that
      // stands there now has an entry of its own.
      let place = best.place
      guard ids[place] != SymbolList.none, candidate(at: place)?.rank == best.rank else { continue }
      let gone = Int(next[place])
      ids[place] = merges.product(ofRank: best.rank)
      ids[gone] = SymbolList.none
      next[place] = next[gone]
      if next[gone] != SymbolList.none { previous[Int(next[gone])] = UInt32(place) }
      if previous[place] != SymbolList.none { enqueue(Int(previous[place])) }
      enqueue(place)
    }
  }

  func append(to tokens: inout [UInt32]) {
    for id in ids where id != SymbolList.none { tokens.append(id) }
  }

  private mutating func enqueue(_ place: Int) {
    if let candidate = candidate(at: place) { queue.push(candidate) }
  }

  private func candidate(at place: Int) -> Candidate? {
    guard next[place] != SymbolList.none else { return nil }
    let rank = merges.rank(TokenPair(ids[place], ids[Int(next[place])]))
    return rank == MergeTable.noMerge ? nil : Candidate(rank: rank, place: place)
  }
}
