/// What a sealed store holds, as its writer knows it.
public struct StoreSummary: Equatable, Sendable {
  public let records: Int
  public let documents: Int
  public let blocks: Int
  /// The size of the whole file.
  public let fileBytes: Int
  /// `TokenStore.fingerprint` or `SampleStore.fingerprint`.
  public let fingerprint: UInt64
}
