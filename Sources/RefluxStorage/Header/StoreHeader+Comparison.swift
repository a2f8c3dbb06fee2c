import RefluxBytes

/// Whether two headers speak of the same records.
extension StoreHeader {
  /// One setting of two headers, as messages name it.
  private typealias Setting = (name: String, expected: String, found: String)

  private func settings(_ expected: StoreHeader) -> [Setting] {
    let (mine, other) = (provenance, expected.provenance)
    func fields(_ header: StoreHeader) -> String {
      header.schema.fields.dropFirst(kind == .tokens ? 1 : 2)
        .map { "\($0.name) of \($0.width) bytes" }.joined(separator: ", ")
    }
    return [
      ("records of kind", "\(expected.kind)", "\(kind)"),
      ("a vocabulary of", "\(expected.vocabularySize)", "\(vocabularySize)"),
      ("known ids", "\(expected.knownVocabulary)", "\(knownVocabulary)"),
      ("a capacity of", "\(expected.capacity)", "\(capacity)"),
      ("the fields", fields(expected), fields(self)),
      ("tokenizer", hexadecimal(other.tokenizerHash), hexadecimal(mine.tokenizerHash)),
      ("tokens", hexadecimal(other.tokensHash), hexadecimal(mine.tokensHash)),
      ("teacher", other.teacher, mine.teacher),
      ("teacher weights", hexadecimal(other.teacherHash), hexadecimal(mine.teacherHash)),
      ("estimator", other.estimator, mine.estimator),
      ("packing", other.packing, mine.packing),
      ("rounds", "\(other.rounds)", "\(mine.rounds)"),
      ("tau", "\(other.tau)", "\(mine.tau)"),
      ("target", other.target, mine.target),
      ("temperature", "\(other.temperature)", "\(mine.temperature)"),
      ("gamma", Self.text(other.gamma), Self.text(mine.gamma)),
      ("seed", "\(other.seed)", "\(mine.seed)"),
      ("a context length of", "\(other.contextLength)", "\(mine.contextLength)"),
      ("a stride of", "\(other.stride)", "\(mine.stride)"),
      ("notes", Self.text(other.notes), Self.text(mine.notes)),
    ]
  }

  private static func text(_ gamma: Double?) -> String { gamma.map { "\($0)" } ?? "none" }

  private static func text(_ notes: [String: String]) -> String {
    notes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ")
  }

  /// The first setting in which two shards of one store must not differ but do.
  func difference(from other: StoreHeader) -> (name: String, expected: String, found: String)? {
    settings(other).first { $0.expected != $0.found }
  }

  /// Whether all settings are plainly equal: spares a folder of ten thousand shards the texts.
  private func hasSettings(of other: StoreHeader) -> Bool {
    guard kind == other.kind, vocabularySize == other.vocabularySize,
      knownVocabulary == other.knownVocabulary, schema == other.schema
    else { return false }
    var mine = provenance
    (mine.software, mine.created) = (other.provenance.software, other.provenance.created)
    return mine == other.provenance
  }

  /// Checks that two shards are of one store.
  ///
  /// - Throws: `manifest` naming the first setting in which they differ.
  func checkSameStore(as expected: StoreHeader) throws(StoreError) {
    if hasSettings(of: expected) { return }
    guard let setting = difference(from: expected) else { return }
    throw .manifest(
      "a shard has \(setting.name) \(setting.found), another \(setting.expected); "
        + "join shards of one store")
  }

  /// Checks that a partial file is one of the store to be written; file ids and creation times do
  /// not count.
  ///
  /// - Throws: `differentPartial` naming the first setting in which they differ.
  func checkResumable(as expected: StoreHeader) throws(StoreError) {
    guard let setting = difference(fromPlanned: expected) else { return }
    throw .differentPartial(setting.name, expected: setting.expected, found: setting.found)
  }

  /// Checks that a finished store is the one to be written; see ``checkResumable(as:)``.
  ///
  /// - Throws: `differentStore` naming the first setting in which they differ.
  func checkFinished(as expected: StoreHeader) throws(StoreError) {
    guard let setting = difference(fromPlanned: expected) else { return }
    throw .differentStore(setting.name, expected: setting.expected, found: setting.found)
  }

  private func difference(fromPlanned expected: StoreHeader) -> Setting? {
    let layout: [Setting] = [
      ("a first position of", "\(expected.firstPosition)", "\(firstPosition)"),
      ("records per block", "\(expected.recordsPerBlock)", "\(recordsPerBlock)"),
      (
        "encoding", expected.hasDictionary ? "packed" : "plain", hasDictionary ? "packed" : "plain"
      ),
    ]
    return (settings(expected) + layout).first { $0.expected != $0.found }
  }
}
