/// Which numbers fit together in a header (SPEC.md, sections 3.2 and 8).
extension StoreHeader {
  func checkVocabulary() throws(StoreError) {
    let limit =
      kind == .tokens
      ? StoreLimits.maximumTokenVocabulary : StoreLimits.maximumSampleVocabulary
    guard (1...limit).contains(vocabularySize) else {
      throw Self.fault(32, "vocabulary size", expected: "1 to \(limit)", found: vocabularySize)
    }
    let numbers = [
      (56, "rounds", provenance.rounds), (60, "context length", provenance.contextLength),
      (80, "stride", provenance.stride),
    ]
    for (offset, name, number) in numbers where number > Int32.max {
      throw Self.fault(offset, name, expected: "at most \(Int32.max)", found: number)
    }
    for (offset, text) in [(84, provenance.teacher), (86, provenance.estimator)]
    where text.utf8.count > StoreLimits.maximumTextBytes {
      throw Self.fault(
        offset, "name length", expected: "at most \(StoreLimits.maximumTextBytes)",
        found: text.utf8.count)
    }
    guard provenance.tau.isFinite else {
      throw Self.fault(64, "tau", expected: "a finite number", found: provenance.tau)
    }
  }

  /// Version 1 has one schema for tokens and two for samples, so the stated one must be among them.
  func checkSchema() throws(StoreError) {
    let names = schema.fields.map(\.name)
    switch kind {
    case .tokens:
      guard schema == .tokens(vocabularySize: vocabularySize) else { throw schemaFault }
    case .samples:
      guard names == ["length", "ids", "counts"] || names == ["length", "ids", "weights"] else {
        throw schemaFault
      }
      try checkCapacity()
      let expected = StoreSchema.samples(
        vocabularySize: vocabularySize, capacity: capacity, weighted: isWeighted,
        rounds: provenance.rounds)
      guard schema == expected else { throw schemaFault }
    }
  }

  private func checkCapacity() throws(StoreError) {
    let offset = StoreLimits.headerFixedBytes + StoreLimits.fieldBytes + 12
    let least = isWeighted ? 1 : max(1, min(provenance.rounds, vocabularySize))
    guard (least...vocabularySize).contains(capacity) else {
      throw Self.fault(
        offset, "capacity", expected: "\(least) to \(vocabularySize)", found: capacity)
    }
    guard isWeighted || provenance.rounds >= 1 else {
      throw Self.fault(56, "rounds", expected: "1 or more", found: provenance.rounds)
    }
  }

  func checkRecords(stated: Int) throws(StoreError) {
    guard recordBytes <= StoreLimits.maximumRecordBytes, stated == recordBytes else {
      throw Self.fault(28, "record bytes", expected: "\(recordBytes)", found: stated)
    }
    let limit = StoreLimits.maximumRecordsPerBlock
    let block = max(StoreLimits.targetBlockBytes, recordBytes)
    guard (1...limit).contains(recordsPerBlock), recordsPerBlock * recordBytes <= block else {
      throw Self.fault(
        24, "records per block", expected: "1 to \(min(limit, block / recordBytes))",
        found: recordsPerBlock)
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
