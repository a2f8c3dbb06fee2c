public import RefluxTargets

/// A sealed store of sample sets, mapped from its file or from the shards of its folder.
///
/// Record i is the teacher's distribution for the token after position `firstPosition` + i of the
/// token store that `provenance.tokensHash` names. Safe to share between threads; every thread that
/// reads makes a reader of its own.
public final class SampleStore: Store {
  package let store: StoreSet

  init(_ store: StoreSet) { self.store = store }

  /// Opens the sample store at `path`.
  ///
  /// - Throws: what `TokenStore.init` throws.
  /// - Complexity: that of `TokenStore.init`, and 4 bytes per id where the store is packed.
  public init(path: String) throws(StoreError) {
    store = try StoreSet(path: path, kind: .samples)
  }

  /// Opens a sample store that is still being written, as far as its whole blocks go.
  ///
  /// Its `fingerprint` means nothing.
  ///
  /// - Parameters:
  ///   - path: the `.partial` file of the writer.
  ///   - last: an earlier look at it, whose blocks are not read again.
  /// - Throws: what `init(path:)` throws.
  public init(following path: String, after last: SampleStore? = nil) throws(StoreError) {
    store = try StoreSet([
      try StoreFile(following: path, kind: .samples, after: last?.store.shards[0])
    ])
  }

  /// What the store says about itself.
  public var header: StoreHeader { store.header }
  /// The number of records.
  public var count: Int { store.count }
  /// Slots per record.
  public var capacity: Int { store.header.capacity }
  /// Whether sets carry weights instead of counts.
  public var isWeighted: Bool { store.header.isWeighted }
  /// What comes with the ids.
  public var values: SampleValues { store.header.values }
  /// Draws per record.
  public var rounds: Int { store.header.provenance.rounds }
  /// Where the sets come from.
  public var provenance: StoreProvenance { store.header.provenance }
  /// What the sets are, as far as losses ask.
  public var facts: SetFacts { header.facts }
  /// What names the content, however it is stored (SPEC.md, section 8.1).
  public var fingerprint: UInt64 { store.fingerprint }

  /// Checks that these samples were made from `tokens`.
  ///
  /// - Throws: `tokensDiffer` naming both hashes, `vocabulariesDiffer` or `moreSamplesThanTokens`.
  public func check(against tokens: TokenStore) throws(StoreError) {
    guard provenance.tokensHash == tokens.fingerprint else {
      throw .tokensDiffer(expected: provenance.tokensHash, found: tokens.fingerprint)
    }
    // A teacher may have padded its vocabulary, never cut it.
    guard vocabularySize >= tokens.vocabularySize else {
      throw .vocabulariesDiffer(samples: vocabularySize, tokens: tokens.vocabularySize)
    }
    guard firstPosition + count <= tokens.count else {
      throw .moreSamplesThanTokens(samples: firstPosition + count, tokens: tokens.count)
    }
  }

  /// Checks that the store is the one that `configuration` makes, as far as a header tells, with so
  /// many records.
  ///
  /// - Throws: `differentStore` naming what differs, or `configuration`.
  public func check(
    madeAs configuration: SampleStoreConfiguration, records: Int
  ) throws(StoreError) {
    try header.checkFinished(as: try StoreHeader.samples(configuration, fileID: 0))
    guard count == records else {
      throw .differentStore("records:", expected: "\(records)", found: "\(count)")
    }
  }

  /// Bytes of the memory of a reader without a cache.
  public var readerBytes: Int {
    let header = store.largestHeader
    return 2 * SampleBlock.bytes(header) + header.rawBytesLimit(records: header.recordsPerBlock)
      + 4 * store.shards.count + 9_000
  }

  /// A reader with its own memory (the sets of two blocks, a few hundred KiB), for one thread.
  ///
  /// - Parameter cacheBytes: how much memory decoded blocks may take that were wanted in part
  ///   only; one is always kept.
  public func makeReader(cacheBytes: Int = 0) -> SampleReader {
    SampleReader(self, cacheBytes: cacheBytes)
  }
}
