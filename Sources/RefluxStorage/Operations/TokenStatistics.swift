/// What the tokens of a store are like, and what takes its bytes.
public struct TokenStatistics: Sendable {
  /// An id and how often it stands in the store.
  public struct Frequency: Equatable, Sendable {
    /// The id.
    public let id: Int
    /// How many tokens have it.
    public let count: Int
  }

  /// The number of tokens.
  public internal(set) var records = 0
  /// The lengths of the documents, ascending. In a shard the tokens before the first start are not
  /// counted, and the last document may continue in the next shard.
  public internal(set) var documentLengths: [Int] = []
  /// The ids that stand in the store most often, at most 50, in this order.
  public internal(set) var mostFrequent: [Frequency] = []
  /// How many different ids there are.
  public internal(set) var differentIDs = 0
  /// What takes how many bytes; the sum is the size of all files.
  public internal(set) var parts: [StorePartSize] = []
  /// The size of all files.
  public internal(set) var fileBytes = 0

  /// File bytes per token; 0 without tokens.
  public var bytesPerRecord: Double { records == 0 ? 0 : Double(fileBytes) / Double(records) }

  /// The length that at least `share` of the documents do not exceed; 0 without documents.
  public func lengthQuantile(_ share: Double) -> Int {
    if documentLengths.isEmpty { return 0 }
    let place = Int((share * Double(documentLengths.count)).rounded(.up)) - 1
    return documentLengths[min(max(place, 0), documentLengths.count - 1)]
  }

  /// Gathers the figures of a store.
  ///
  /// - Parameter watch: called now and then with the tokens done; false stops.
  /// - Throws: what reading throws, and `stopped`.
  /// - Complexity: one pass over the store with every rule checked, and one more for each 2^22 ids
  ///   of the vocabulary beyond the first of which the store has any; 8 bytes per id of the
  ///   vocabulary, at most 32 MiB, and 16 per document.
  public init(
    _ tokens: TokenStore, watch: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws(StoreError) {
    let store = tokens.store
    records = store.count
    var census = IDCensus(vocabularySize: store.header.vocabularySize)
    var ledger = PartLedger()
    ledger.addHeads(store)
    try TokenWalk(store).forEachBlock(of: 0..<store.count) {
      ids, documents, place throws(StoreError) in
      census.add(ids)
      ledger.add(
        place.scanned.header, payload: Self.payload(place, documents: documents.count))
      guard watch(place.records.upperBound, store.count) else { throw .stopped }
    }
    ledger.addTails(store)
    parts = ledger.parts
    fileBytes = StoreSummary(store.shards).fileBytes
    let starts = try tokens.documentStarts()
    documentLengths = zip(starts, starts.dropFirst() + [store.count]).map { $1 - $0 }.sorted()
    while census.openNext() {
      try TokenWalk(store).forEachBlock(of: 0..<store.count) { ids, _, _ throws(StoreError) in
        census.add(ids)
        guard watch(store.count, store.count) else { throw .stopped }
      }
    }
    (differentIDs, mostFrequent) = (census.differentIDs, census.mostFrequent)
  }

  private static func payload(_ place: WalkedBlock, documents: Int) -> [(String, Int)] {
    let (block, header) = (place.scanned.header, place.file.header)
    if block.codec == .lz4 { return [("lz4_columns", block.storedBytes)] }
    return [("ids", block.records * header.recordBytes), ("document_starts", 4 * documents)]
  }
}
