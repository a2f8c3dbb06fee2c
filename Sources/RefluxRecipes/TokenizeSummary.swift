/// What a tokenize run wrote.
public struct TokenizeSummary: Equatable, Sendable {
  /// Ids in the store, end-of-text included.
  public var tokens: Int
  public var documents: Int
  /// Bytes of text read.
  public var bytes: Int
  /// The token store's fingerprint.
  public var fingerprint: UInt64
}
