/// Headers of new stores.
extension StoreHeader {
  /// The header of a new token store; throws `configuration` where the format has no room.
  static func tokens(
    vocabularySize: Int, provenance: StoreProvenance, fileID: UInt64,
    recordsPerBlock: Int? = nil
  ) throws(StoreError) -> StoreHeader {
    guard (1...StoreLimits.maximumTokenVocabulary).contains(vocabularySize) else {
      throw .configuration(
        "a vocabulary of \(vocabularySize) does not fit, expected 1 to "
          + "\(StoreLimits.maximumTokenVocabulary)")
    }
    return try create(
      .tokens, .tokens(vocabularySize: vocabularySize), vocabularySize, provenance, fileID,
      recordsPerBlock)
  }

  /// The header of a new sample store; throws `configuration` where the format has no room.
  static func samples(
    vocabularySize: Int, capacity: Int, weighted: Bool, provenance: StoreProvenance,
    fileID: UInt64, recordsPerBlock: Int? = nil
  ) throws(StoreError) -> StoreHeader {
    guard (1...StoreLimits.maximumSampleVocabulary).contains(vocabularySize) else {
      throw .configuration(
        "a vocabulary of \(vocabularySize) does not fit, expected 1 to "
          + "\(StoreLimits.maximumSampleVocabulary)")
    }
    let needed = min(provenance.rounds, vocabularySize)
    guard capacity >= 1, weighted || capacity >= needed && provenance.rounds >= 1 else {
      throw .configuration(
        "a capacity of \(capacity) would cut draws, expected at least \(max(needed, 1))")
    }
    let schema = StoreSchema.samples(
      vocabularySize: vocabularySize, capacity: min(capacity, vocabularySize),
      weighted: weighted, rounds: provenance.rounds)
    return try create(
      .samples, schema, vocabularySize, provenance, fileID, recordsPerBlock)
  }

  private static func create(
    _ kind: RecordKind, _ schema: StoreSchema, _ vocabularySize: Int,
    _ provenance: StoreProvenance, _ fileID: UInt64, _ recordsPerBlock: Int?
  ) throws(StoreError) -> StoreHeader {
    guard schema.recordBytes <= StoreLimits.maximumRecordBytes else {
      throw .configuration(
        "records of \(schema.recordBytes) bytes do not fit, expected at most "
          + "\(StoreLimits.maximumRecordBytes); use fewer rounds")
    }
    try check(provenance)
    let records = recordsPerBlock ?? StoreLimits.targetBlockBytes / schema.recordBytes
    return StoreHeader(
      kind: kind, fileID: fileID, vocabularySize: vocabularySize,
      recordsPerBlock: max(1, min(records, StoreLimits.maximumRecordsPerBlock)),
      schema: schema, provenance: provenance)
  }

  private static func check(_ provenance: StoreProvenance) throws(StoreError) {
    let numbers = [
      ("rounds", provenance.rounds), ("context length", provenance.contextLength),
      ("stride", provenance.stride),
    ]
    for (name, number) in numbers where !(0...Int(Int32.max)).contains(number) {
      throw .configuration("\(name) \(number) does not fit, expected 0 to \(Int32.max)")
    }
    for text in [provenance.teacher, provenance.estimator]
    where text.utf8.count > StoreLimits.maximumTextBytes {
      throw .configuration(
        "a name of \(text.utf8.count) bytes does not fit, expected at most "
          + "\(StoreLimits.maximumTextBytes)")
    }
    guard provenance.tau.isFinite else {
      throw .configuration("tau \(provenance.tau) is not a finite number")
    }
  }
}
