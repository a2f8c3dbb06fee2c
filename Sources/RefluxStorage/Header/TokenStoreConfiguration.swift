/// What a new token store is to be.
public struct TokenStoreConfiguration: Sendable {
  /// Ids are below this number: 1 to 2^31.
  public var vocabularySize: Int
  /// The ids that the tokenizer knows; nil for all.
  public var knownVocabulary: Int?
  /// Where the ids come from.
  public var provenance = StoreProvenance()
  /// The position of the first token, for a shard of a larger store.
  public var firstPosition = 0
  /// 0 for LZ4's fast mode, 1 to 12 for its slower and smaller ones.
  public var level = 0
  package var recordsPerBlock: Int?

  /// A store with the defaults that stand beside the fields.
  public init(vocabularySize: Int, provenance: StoreProvenance = StoreProvenance()) {
    self.vocabularySize = vocabularySize
    self.provenance = provenance
  }

  var common: CommonConfiguration {
    CommonConfiguration(
      vocabularySize: vocabularySize, knownVocabulary: knownVocabulary, provenance: provenance,
      firstPosition: firstPosition, recordsPerBlock: recordsPerBlock)
  }
}
