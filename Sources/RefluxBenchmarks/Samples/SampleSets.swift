/// Counted sample sets in memory, one after the other.
public struct SampleSets: Equatable, Sendable {
  /// Ids are below this number.
  public let vocabularySize: Int
  /// What the counts of every record sum to.
  public let rounds: Int
  /// Where the pairs of record r begin; one number more than there are records.
  public private(set) var offsets = [0]
  /// The ids of all records, ascending within each.
  public private(set) var ids: [UInt32] = []
  /// How often each id was drawn.
  public private(set) var counts: [UInt32] = []

  /// No records yet.
  public init(vocabularySize: Int, rounds: Int) {
    self.vocabularySize = vocabularySize
    self.rounds = rounds
  }

  /// The number of records.
  public var count: Int { offsets.count - 1 }
  /// Pairs of an id and its count in all records.
  public var pairs: Int { ids.count }
  /// Pairs per record; 0 without records.
  public var pairsPerRecord: Double { count == 0 ? 0 : Double(pairs) / Double(count) }
  /// Slots that every record fits into.
  public var capacity: Int { min(rounds, vocabularySize) }

  /// In how many records each id of the vocabulary stands.
  public var frequencies: [UInt64] {
    var frequencies = [UInt64](repeating: 0, count: vocabularySize)
    for id in ids { frequencies[Int(id)] += 1 }
    return frequencies
  }

  /// Where the pairs of a record stand.
  public func pairs(of record: Int) -> Range<Int> { offsets[record]..<offsets[record + 1] }

  /// Adds a record: distinct ids below the vocabulary, ascending, and as many counts.
  mutating func append(ids newIDs: some Sequence<UInt32>, counts newCounts: some Sequence<UInt32>) {
    ids.append(contentsOf: newIDs)
    counts.append(contentsOf: newCounts)
    precondition(ids.count == counts.count, "every id needs a count")
    offsets.append(ids.count)
  }

  /// Adds the records of `other`, of the same vocabulary and rounds.
  mutating func append(_ other: SampleSets) {
    let start = ids.count
    ids += other.ids
    counts += other.counts
    offsets += other.offsets.dropFirst().map { start + $0 }
  }
}
