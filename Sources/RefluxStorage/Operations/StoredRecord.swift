/// A record of either kind.
public enum StoredRecord: Equatable, Sendable {
  /// A token id.
  case token(UInt32)
  /// A sample set.
  case sample(SampleRecord)
}

/// Reads records of a store of either kind; belongs to one thread.
struct RecordReader {
  private let store: StoreSet
  private let tokens: TokenReader?
  private let samples: SampleReader?

  init(_ store: StoreSet) {
    self.store = store
    let isTokens = store.header.kind == .tokens
    tokens = isTokens ? TokenStore(store).makeReader() : nil
    samples = isTokens ? nil : SampleStore(store).makeReader()
  }

  /// The records at `positions`, all of which the store has; sets are numbered by their positions,
  /// so that those of two stores can be compared.
  func read(_ positions: Range<Int>) throws(StoreError) -> [StoredRecord] {
    let first = store.header.firstPosition
    let records = positions.lowerBound - first..<positions.upperBound - first
    if let tokens { return try tokens.read(records).map { .token($0) } }
    guard let samples else { return [] }
    return try samples.records(records).map { record in
      var record = record
      record.record += first
      return .sample(record)
    }
  }
}
