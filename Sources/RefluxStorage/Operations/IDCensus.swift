/// How often each id stands in a store, whatever the size of the vocabulary: in one pass for the
/// ids below 2^22, and in one more for every other range of so many of which the store has any.
///
/// Memory: 8 bytes per id of the vocabulary, at most 32 MiB.
struct IDCensus {
  /// How many different ids there are, in the ranges that were closed.
  private(set) var differentIDs = 0
  /// The ids that stand in the store most often, in this order.
  private(set) var mostFrequent: [TokenStatistics.Frequency] = []

  private static let rangeBits = 22
  private static let kept = 50
  /// The counts of the range that is open.
  private var counts: [Int]
  private var open = 0
  /// Ranges beyond the first in which ids were met.
  private var waiting: Set<Int> = []

  init(vocabularySize: Int) {
    counts = Array(repeating: 0, count: min(vocabularySize, 1 << Self.rangeBits))
  }

  /// Counts those of `ids` that are in the open range.
  mutating func add(_ ids: [UInt32]) {
    for id in ids {
      let range = Int(id) >> Self.rangeBits
      if range == open {
        counts[Int(id) & (1 << Self.rangeBits - 1)] += 1
      } else if open == 0 {
        waiting.insert(range)
      }
    }
  }

  /// Closes the open range and opens the next one, for which the store is to be passed again; false
  /// where there is none.
  mutating func openNext() -> Bool {
    for (index, count) in counts.enumerated() where count > 0 {
      differentIDs += 1
      rank(TokenStatistics.Frequency(id: open << Self.rangeBits + index, count: count))
    }
    guard let next = waiting.min() else { return false }
    waiting.remove(next)
    open = next
    for index in counts.indices { counts[index] = 0 }
    return true
  }

  /// Ids come in ascending order: of equally frequent ones the smaller is before.
  private mutating func rank(_ found: TokenStatistics.Frequency) {
    if mostFrequent.count == Self.kept, found.count <= mostFrequent[Self.kept - 1].count { return }
    let place = mostFrequent.firstIndex { $0.count < found.count } ?? mostFrequent.count
    mostFrequent.insert(found, at: place)
    if mostFrequent.count > Self.kept { mostFrequent.removeLast() }
  }
}
