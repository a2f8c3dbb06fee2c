/// Headers of new stores.
extension StoreHeader {
  /// The header of a new token store; throws `configuration` where the format has no room.
  static func tokens(
    _ configuration: TokenStoreConfiguration, fileID: UInt64
  ) throws(StoreError) -> StoreHeader {
    let size = configuration.vocabularySize
    guard (1...StoreLimits.maximumTokenVocabulary).contains(size) else {
      throw .configuration(
        "a vocabulary of \(size) does not fit, expected 1 to "
          + "\(StoreLimits.maximumTokenVocabulary)")
    }
    return try create(
      .tokens, .tokens(vocabularySize: size), configuration.common, fileID: fileID)
  }

  /// The header of a new sample store; throws `configuration` where the format has no room.
  static func samples(
    _ configuration: SampleStoreConfiguration, fileID: UInt64
  ) throws(StoreError) -> StoreHeader {
    let (size, values) = (configuration.vocabularySize, configuration.values)
    let rounds = configuration.provenance.rounds
    guard (1...StoreLimits.maximumSampleVocabulary).contains(size) else {
      throw .configuration(
        "a vocabulary of \(size) does not fit, expected 1 to "
          + "\(StoreLimits.maximumSampleVocabulary)")
    }
    let (capacity, needed) = (configuration.capacity, min(rounds, size))
    guard capacity >= 1, values.isWeighted || capacity >= needed && rounds >= 1 else {
      throw .configuration(
        "a capacity of \(capacity) would cut draws, expected at least \(max(needed, 1))")
    }
    let schema = StoreSchema.samples(
      vocabularySize: size, capacity: min(capacity, size), values: values, rounds: rounds,
      extras: configuration.extras)
    var header = try create(.samples, schema, configuration.common, fileID: fileID)
    header.hasDictionary = configuration.encoding == .packed
    return header
  }

  private static func create(
    _ kind: RecordKind, _ schema: StoreSchema, _ common: CommonConfiguration, fileID: UInt64
  ) throws(StoreError) -> StoreHeader {
    guard schema.recordBytes <= StoreLimits.maximumRecordBytes else {
      throw .configuration(
        "records of \(schema.recordBytes) bytes do not fit, expected at most "
          + "\(StoreLimits.maximumRecordBytes); use fewer rounds")
    }
    let known = common.knownVocabulary ?? common.vocabularySize
    guard (1...common.vocabularySize).contains(known) else {
      throw .configuration(
        "\(known) known ids do not fit into a vocabulary of \(common.vocabularySize)")
    }
    try check(common.provenance, firstPosition: common.firstPosition)
    let limit = max(1, StoreLimits.targetBlockBytes / schema.recordBytes)
    let records = min(common.recordsPerBlock ?? limit, limit)
    let header = StoreHeader(
      kind: kind, fileID: fileID, firstPosition: common.firstPosition,
      vocabularySize: common.vocabularySize, knownVocabulary: known,
      recordsPerBlock: max(1, min(records, StoreLimits.maximumRecordsPerBlock)),
      schema: schema, provenance: common.provenance)
    guard header.encodedBytes <= StoreLimits.headerMaximumBytes else {
      throw .configuration(
        "a header of \(header.encodedBytes) bytes does not fit, expected at most "
          + "\(StoreLimits.headerMaximumBytes); use fewer or shorter notes")
    }
    return header
  }

  private static func check(
    _ provenance: StoreProvenance, firstPosition: Int
  ) throws(StoreError) {
    let numbers = [
      ("rounds", provenance.rounds, Int(Int32.max)),
      ("context length", provenance.contextLength, Int(Int32.max)),
      ("stride", provenance.stride, Int(Int32.max)),
      ("first position", firstPosition, StoreLimits.maximumPosition),
      ("creation time", provenance.created, StoreLimits.maximumPosition),
    ]
    for (name, number, limit) in numbers where !(0...limit).contains(number) {
      throw .configuration("\(name) \(number) does not fit, expected 0 to \(limit)")
    }
    if let fault = provenance.texts.fault { throw .configuration(fault) }
    guard provenance.tau.isFinite else {
      throw .configuration("tau \(provenance.tau) is not a finite number")
    }
  }
}
