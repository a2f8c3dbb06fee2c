/// What a sealed store holds, as its writer knows it.
public struct StoreSummary: Equatable, Sendable {
  /// Positions: tokens, or sample sets.
  public let records: Int
  /// Documents that were appended; 0 in sample stores.
  public let documents: Int
  /// Blocks that hold the records; all but the last are full.
  public let blocks: Int
  /// The size of the whole file.
  public let fileBytes: Int
  /// `TokenStore.fingerprint` or `SampleStore.fingerprint`.
  public let fingerprint: UInt64
}
