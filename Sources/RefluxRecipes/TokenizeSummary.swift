/// What a tokenize run wrote.
public struct TokenizeSummary: Equatable, Sendable {
  /// Ids in the store, end-of-text included.
  public var tokens: Int
  public var documents: Int
  /// Bytes of text read.
  public var bytes: Int
  /// What encoding met.
  public var counts: CorpusEncoder.Counts
  /// The token store's fingerprint.
  public var fingerprint: UInt64
}
