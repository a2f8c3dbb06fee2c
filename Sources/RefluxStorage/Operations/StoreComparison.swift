import RefluxBytes
internal import RefluxTargets

/// In what two stores differ.
public struct StoreComparison: Sendable {
  /// A fact that the two headers state differently.
  public struct HeaderDifference: Equatable, Sendable {
    /// The fact in lower case with underscores, such as `vocabulary_size`.
    public let name: String
    /// What the headers say, as text.
    public let first: String
    public let second: String
  }

  /// The first position at which the content differs.
  public struct Difference: Equatable, Sendable {
    /// The position; in whole stores the record.
    public let position: Int
    /// What the stores hold there; nil where one has no such record.
    public let first: StoredRecord?
    public let second: StoredRecord?
  }

  /// Positions that both stores have.
  public internal(set) var recordsCompared = 0
  /// Those of them at which the records differ.
  public internal(set) var recordsDifferent = 0
  /// Positions that only one store has.
  public internal(set) var onlyInFirst = 0
  public internal(set) var onlyInSecond = 0
  /// Where records differ first; nil where they do not.
  public internal(set) var firstDifference: Difference?
  /// Documents of token stores that start at a position at which the other store has no start.
  public internal(set) var documentsDifferent = 0
  /// Facts of the headers that differ. They do not count as content.
  public internal(set) var headerDifferences: [HeaderDifference] = []

  /// Whether both hold the same records at the same positions, and the same documents.
  public var isSame: Bool {
    recordsDifferent + onlyInFirst + onlyInSecond + documentsDifferent == 0
  }
}

/// Comparing.
extension StoreComparison {
  /// Positions that are read in one go.
  private static let share = 4096

  /// Compares the stores at two paths, record by record.
  ///
  /// - Parameter watch: called now and then with the positions done; false stops.
  /// - Throws: `shard` with one of the paths and what is wrong there, `wrongKind` for stores of
  ///   different kinds; `stopped`.
  /// - Complexity: one pass over both stores.
  public static func compare(
    _ first: String, _ second: String,
    watch: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws(StoreError) -> StoreComparison {
    let one = try naming(first) { () throws(StoreError) in try StoreSet(path: first) }
    let two = try naming(second) { () throws(StoreError) in
      let store = try StoreSet(path: second)
      guard store.header.kind == one.header.kind else {
        throw .wrongKind(expected: one.header.kind, found: store.header.kind)
      }
      return store
    }
    var result = StoreComparison()
    result.headerDifferences = zip(one.facts, two.facts).compactMap { mine, other in
      mine.text == other.text
        ? nil : HeaderDifference(name: mine.name, first: mine.text, second: other.text)
    }
    let paths = (first, second)
    try result.compareRecords((one, two), paths, watch)
    if one.header.kind == .tokens { try result.compareDocuments((one, two), paths) }
    return result
  }

  private static func naming<Value>(
    _ path: String, _ body: () throws(StoreError) -> Value
  ) throws(StoreError) -> Value {
    do throws(StoreError) { return try body() } catch { throw .shard(path, error) }
  }

  private mutating func compareRecords(
    _ stores: (StoreSet, StoreSet), _ paths: (String, String), _ watch: (Int, Int) -> Bool
  ) throws(StoreError) {
    let readers = (RecordReader(stores.0), RecordReader(stores.1))
    func read(_ positions: Range<Int>) throws(StoreError) -> ([StoredRecord], [StoredRecord]) {
      (
        try Self.naming(paths.0) { () throws(StoreError) in try readers.0.read(positions) },
        try Self.naming(paths.1) { () throws(StoreError) in try readers.1.read(positions) }
      )
    }
    let ranges = (stores.0.positions, stores.1.positions)
    let common = ranges.0.clamped(to: ranges.1)
    recordsCompared = common.count
    onlyInFirst = ranges.0.count - common.count
    onlyInSecond = ranges.1.count - common.count
    for start in stride(from: common.lowerBound, to: common.upperBound, by: Self.share) {
      let positions = start..<min(start + Self.share, common.upperBound)
      let (mine, other) = try read(positions)
      for (index, pair) in zip(mine, other).enumerated() where pair.0 != pair.1 {
        recordsDifferent += 1
        if firstDifference != nil { continue }
        firstDifference = Difference(
          position: start + index, first: pair.0, second: pair.1)
      }
      guard watch(positions.upperBound - common.lowerBound, common.count) else { throw .stopped }
    }
    guard let lonely = Self.firstLonely(ranges), lonely < firstDifference?.position ?? .max
    else { return }
    let (mine, other) = try (
      ranges.0.contains(lonely)
        ? Self.naming(paths.0) { () throws(StoreError) in
          try readers.0.read(lonely..<lonely + 1)
        } : [],
      ranges.1.contains(lonely)
        ? Self.naming(paths.1) { () throws(StoreError) in
          try readers.1.read(lonely..<lonely + 1)
        } : []
    )
    firstDifference = Difference(position: lonely, first: mine.first, second: other.first)
  }

  /// The first position that only one of two ranges holds.
  private static func firstLonely(_ ranges: (Range<Int>, Range<Int>)) -> Int? {
    let (mine, other) = ranges
    if mine == other || mine.isEmpty && other.isEmpty { return nil }
    if mine.isEmpty { return other.lowerBound }
    if other.isEmpty { return mine.lowerBound }
    if mine.lowerBound != other.lowerBound { return min(mine.lowerBound, other.lowerBound) }
    return min(mine.upperBound, other.upperBound)
  }

  private mutating func compareDocuments(
    _ stores: (StoreSet, StoreSet), _ paths: (String, String)
  ) throws(StoreError) {
    func starts(_ store: StoreSet, _ path: String) throws(StoreError) -> Set<Int> {
      let first = store.header.firstPosition
      let starts = try Self.naming(path) { () throws(StoreError) in
        try TokenStore(store).documentStarts()
      }
      return Set(starts.map { $0 + first })
    }
    let common = stores.0.positions.clamped(to: stores.1.positions)
    let (mine, other) = (try starts(stores.0, paths.0), try starts(stores.1, paths.1))
    documentsDifferent = mine.symmetricDifference(other).count(where: common.contains)
  }
}

extension StoreSet {
  /// The positions of the records.
  var positions: Range<Int> { header.firstPosition..<header.firstPosition + count }

  /// What the headers state, in the order of `inspect`; the same names for every store.
  var facts: [(name: String, text: String)] {
    let (header, provenance) = (header, header.provenance)
    let notes = provenance.notes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return [
      ("first_position", "\(header.firstPosition)"),
      ("records_per_block", "\(header.recordsPerBlock)"),
      ("vocabulary_size", "\(header.vocabularySize)"),
      ("known_vocabulary", "\(header.knownVocabulary)"),
      ("capacity", "\(header.capacity)"),
      ("encoding", header.hasDictionary ? "packed" : "plain"),
      ("values", header.kind == .tokens ? "" : header.values.rawValue),
      ("optional_fields", header.extras.map(\.rawValue).joined(separator: ",")),
      ("tokenizer_hash", hexadecimal(provenance.tokenizerHash)),
      ("tokens_hash", hexadecimal(provenance.tokensHash)),
      ("teacher", provenance.teacher),
      ("teacher_hash", hexadecimal(provenance.teacherHash)),
      ("estimator", provenance.estimator),
      ("rounds", "\(provenance.rounds)"),
      ("tau", "\(provenance.tau)"),
      ("target", provenance.target),
      ("temperature", "\(provenance.temperature)"),
      ("gamma", provenance.gamma.map { "\($0)" } ?? ""),
      ("seed", "\(provenance.seed)"),
      ("context_length", "\(provenance.contextLength)"),
      ("stride", "\(provenance.stride)"),
      ("packing", provenance.packing),
      ("software", provenance.software),
      ("created", provenance.created == 0 ? "unknown" : Timestamp.text(provenance.created)),
      ("notes", notes.joined(separator: ", ")),
    ]
  }
}
