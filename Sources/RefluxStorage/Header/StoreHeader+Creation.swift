/// Headers of new stores.
extension StoreHeader {
  /// The header of a new token store.
  ///
  /// - Throws: `configuration` where the format has no room.
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

  /// The header of a new sample store.
  ///
  /// - Throws: `configuration` where the format has no room.
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
    var common = configuration.common
    common.recordsPerBlock = common.recordsPerBlock ?? alignedRecords(schema, common.provenance)
    var header = try create(.samples, schema, common, fileID: fileID)
    header.hasDictionary = configuration.encoding == .packed
    return header
  }

  /// As many records as fit into a block, or fewer, so that the teacher's windows begin and end
  /// with blocks: a window is then decoded straight into place, and nothing beside it. Nil where
  /// that would make blocks less than half as large.
  private static func alignedRecords(_ schema: StoreSchema, _ provenance: StoreProvenance) -> Int? {
    let (most, context) = (recordsThatFit(schema), provenance.contextLength)
    guard context > 0, provenance.stride == context else { return nil }
    if context <= most { return most / context * context }
    return (most / 2...most).last { $0 > 0 && context % $0 == 0 }
  }

  private static func recordsThatFit(_ schema: StoreSchema) -> Int {
    let fitting = StoreLimits.targetBlockBytes / schema.recordBytes
    return max(1, min(fitting, StoreLimits.maximumRecordsPerBlock))
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
    if let fault = common.provenance.targetFault(kind, schema) {
      throw .configuration(
        "\(fault.name) is \(fault.found), expected \(fault.expected)")
    }
    let limit = recordsThatFit(schema)
    let header = StoreHeader(
      kind: kind, fileID: fileID, firstPosition: common.firstPosition,
      vocabularySize: common.vocabularySize, knownVocabulary: known,
      recordsPerBlock: max(1, min(common.recordsPerBlock ?? limit, limit)),
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

/// What both kinds of store are asked alike.
struct CommonConfiguration {
  var vocabularySize: Int
  var knownVocabulary: Int?
  var provenance: StoreProvenance
  var firstPosition: Int
  var recordsPerBlock: Int?
}
