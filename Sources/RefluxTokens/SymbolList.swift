/// A long word under merge: a doubly linked list of symbols and the queue of merges that may apply.
struct SymbolList {
  private struct Candidate: Comparable {
    var rank: UInt32
    var place: Int

    static func < (one: Candidate, other: Candidate) -> Bool {
      one.rank != other.rank ? one.rank < other.rank : one.place < other.place
    }
  }

  private static let none = -1

  private var ids: [UInt32]
  private var next: [Int]
  private var previous: [Int]
  private var isAlive: [Bool]
  private var queue = BinaryHeap<Candidate>()
  private let merges: MergeTable

  init(_ word: some Collection<UInt32>, merges: MergeTable) {
    ids = Array(word)
    next = ids.indices.map { $0 + 1 < word.count ? $0 + 1 : SymbolList.none }
    previous = ids.indices.map { $0 - 1 }
    isAlive = Array(repeating: true, count: ids.count)
    self.merges = merges
    let first = ids.indices.compactMap { candidate(at: $0) }
    queue = BinaryHeap(first)
  }

  mutating func merge() {
    while let best = queue.pop() {
      // An entry is out of date where its symbol went or was merged since: then the pair that
      // stands there now has an entry of its own.
      guard isAlive[best.place], candidate(at: best.place)?.rank == best.rank else { continue }
      let gone = next[best.place]
      ids[best.place] = merges.product(ofRank: best.rank)
      isAlive[gone] = false
      next[best.place] = next[gone]
      if next[gone] != SymbolList.none { previous[next[gone]] = best.place }
      for place in [previous[best.place], best.place] where place != SymbolList.none {
        if let candidate = candidate(at: place) { queue.push(candidate) }
      }
    }
  }

  func append(to tokens: inout [UInt32]) {
    for index in ids.indices where isAlive[index] { tokens.append(ids[index]) }
  }

  private func candidate(at place: Int) -> Candidate? {
    guard next[place] != SymbolList.none else { return nil }
    let rank = merges.rank(TokenPair(ids[place], ids[next[place]]))
    return rank == MergeTable.noMerge ? nil : Candidate(rank: rank, place: place)
  }
}
