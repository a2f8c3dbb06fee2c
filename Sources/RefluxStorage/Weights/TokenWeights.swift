/// What the loss of each token counts: a store of one number for each record of a token store.
///
/// It is a sample store of one id a record (SPEC.md, section 6.4), so that everything that reads,
/// checks, joins and cuts those works on it. Safe to share between threads.
public final class TokenWeights: Sendable {
  let samples: SampleStore

  /// The text of the header that tells such a store from sample sets, and its value.
  static let (key, value) = ("values", "token-weights")

  /// Opens the weights at `path`.
  ///
  /// - Throws: what `SampleStore.init` throws; `otherValues` for sample sets.
  /// - Complexity: that of `SampleStore.init`.
  public init(path: String) throws(StoreError) {
    samples = try SampleStore(path: path)
    guard samples.isTokenWeights, samples.capacity == 1, samples.values == .float32 else {
      throw .otherValues(found: "sample sets", expected: "weights of tokens")
    }
  }

  /// The number of records.
  public var count: Int { samples.count }
  /// What names the content, however it is stored.
  public var fingerprint: UInt64 { samples.fingerprint }
  /// Bytes of the memory of a reader.
  public var readerBytes: Int { samples.readerBytes + 12 * TokenWeightReader.chunk }

  /// Checks that the weights were made for `tokens`, from their first one on.
  ///
  /// - Throws: what `SampleStore.check(against:)` throws, and `onlyAShard`.
  public func check(against tokens: TokenStore) throws(StoreError) {
    try samples.check(against: tokens)
    try samples.checkWhole()
  }

  /// A reader with its own memory, for one thread.
  public func makeReader() -> TokenWeightReader { TokenWeightReader(samples) }
}

extension SampleStore {
  /// Whether the records are weights of tokens and no sets of a teacher.
  public var isTokenWeights: Bool { provenance.notes[TokenWeights.key] == TokenWeights.value }
}
