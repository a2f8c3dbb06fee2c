/// What both kinds of store are asked alike.
struct CommonConfiguration {
  var vocabularySize: Int
  var knownVocabulary: Int?
  var provenance: StoreProvenance
  var firstPosition: Int
  var recordsPerBlock: Int?
}
