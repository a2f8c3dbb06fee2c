/// Which numbers fit together in a header (SPEC.md, sections 3 and 11).
extension StoreHeader {
  func checkNumbers() throws(StoreError) {
    let numbers = [
      (96, "rounds", provenance.rounds, Int(Int32.max)),
      (100, "context length", provenance.contextLength, Int(Int32.max)),
      (104, "stride", provenance.stride, Int(Int32.max)),
      (24, "first position", firstPosition, StoreLimits.maximumPosition),
      (112, "creation time", provenance.created, StoreLimits.maximumPosition),
    ]
    for (offset, name, number, limit) in numbers where number > limit {
      throw Self.fault(offset, name, expected: "at most \(limit)", found: number)
    }
    guard provenance.tau.isFinite else {
      throw Self.fault(88, "tau", expected: "a finite number", found: provenance.tau)
    }
  }

  func checkVocabulary() throws(StoreError) {
    let limit =
      kind == .tokens
      ? StoreLimits.maximumTokenVocabulary : StoreLimits.maximumSampleVocabulary
    guard (1...limit).contains(vocabularySize) else {
      throw Self.fault(40, "vocabulary size", expected: "1 to \(limit)", found: vocabularySize)
    }
    guard (1...vocabularySize).contains(knownVocabulary) else {
      throw Self.fault(
        44, "known vocabulary", expected: "1 to \(vocabularySize)", found: knownVocabulary)
    }
  }

  /// The stated schema must be the one that the other numbers lead to.
  func checkSchema() throws(StoreError) {
    switch kind {
    case .tokens:
      guard schema == .tokens(vocabularySize: vocabularySize) else { throw schemaFault }
    case .samples:
      guard let values = schema.values else { throw schemaFault }
      try checkCapacity(values)
      let expected = StoreSchema.samples(
        vocabularySize: vocabularySize, capacity: capacity, values: values,
        rounds: provenance.rounds, extras: extras)
      guard schema == expected else { throw schemaFault }
    }
  }

  func checkTarget() throws(StoreError) {
    guard let fault = provenance.targetFault(kind, schema) else { return }
    throw Self.fault(108, fault.name, expected: fault.expected, found: fault.found)
  }

  private func checkCapacity(_ values: SampleValues) throws(StoreError) {
    let offset = StoreLimits.headerFixedBytes + StoreLimits.fieldBytes + 12
    let least = values.isWeighted ? 1 : max(1, min(provenance.rounds, vocabularySize))
    guard (least...vocabularySize).contains(capacity) else {
      throw Self.fault(
        offset, "capacity", expected: "\(least) to \(vocabularySize)", found: capacity)
    }
    guard values.isWeighted || provenance.rounds >= 1 else {
      throw Self.fault(96, "rounds", expected: "1 or more", found: provenance.rounds)
    }
  }

  func checkRecords(stated: Int) throws(StoreError) {
    guard recordBytes <= StoreLimits.maximumRecordBytes, stated == recordBytes else {
      throw Self.fault(36, "record bytes", expected: "\(recordBytes)", found: stated)
    }
    let limit = StoreLimits.maximumRecordsPerBlock
    let block = max(StoreLimits.targetBlockBytes, recordBytes)
    guard (1...limit).contains(recordsPerBlock), recordsPerBlock * recordBytes <= block else {
      throw Self.fault(
        32, "records per block", expected: "1 to \(min(limit, block / recordBytes))",
        found: recordsPerBlock)
    }
  }

  func checkDictionary(stated: Int) throws(StoreError) {
    guard stated == dictionaryBytes, kind == .samples || stated == 0 else {
      throw Self.fault(
        52, "dictionary length", expected: kind == .samples ? "\(dictionaryBytes)" : "0",
        found: stated)
    }
  }

  private var schemaFault: StoreError {
    let found = schema.fields.map { "\($0.name) \($0.count) x \($0.width)" }
    return Self.fault(
      StoreLimits.headerFixedBytes, "record schema",
      expected: "that of \(kind) for this vocabulary and these rounds",
      found: found.joined(separator: ", "))
  }
}
