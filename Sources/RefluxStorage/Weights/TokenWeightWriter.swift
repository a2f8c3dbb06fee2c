/// Writes the weights of tokens in their order, then `seal`.
///
/// Until then everything stands in `path + ".partial"`. Belongs to one thread.
public final class TokenWeightWriter {
  private let writer: SampleStoreWriter

  /// Starts a store, replacing an abandoned partial file.
  ///
  /// - Parameters:
  ///   - path: where the store appears when it is sealed.
  ///   - header: of a store of the same tokens, from which it takes vocabulary and hashes.
  ///   - notes: how the weights were made.
  ///   - software: what writes the store.
  ///   - created: when, in seconds since 1970; 0 if unknown.
  /// - Throws: `configuration`, or `file` where the partial file cannot be written.
  public init(
    path: String, for header: StoreHeader, notes: [String: String], software: String = "",
    created: Int = 0
  ) throws(StoreError) {
    let origin = header.provenance
    let provenance = StoreProvenance(
      tokenizerHash: origin.tokenizerHash, tokensHash: origin.tokensHash, software: software,
      created: created,
      notes: notes.merging([TokenWeights.key: TokenWeights.value]) { $1 })
    var configuration = SampleStoreConfiguration(
      vocabularySize: header.vocabularySize, capacity: 1, values: .float32, provenance: provenance)
    configuration.knownVocabulary = header.knownVocabulary
    writer = try SampleStoreWriter(path: path, configuration: configuration)
  }

  /// Appends the same weight for some tokens.
  ///
  /// - Parameter weight: finite, 0 or more.
  /// - Throws: `refused`, `file` or `writerFailed`.
  public func append(_ weight: Float, count: Int) throws(StoreError) {
    let (id, weight): ([UInt32], [Float]) = ([0], [weight])
    for _ in 0..<count { try writer.append(ids: id, weights: weight) }
  }

  /// Ends the store: flushes it to the medium and gives it its name.
  ///
  /// - Throws: `file` or `writerFailed`; the partial file then stays.
  public func seal() throws(StoreError) -> StoreSummary { try writer.seal() }
}
