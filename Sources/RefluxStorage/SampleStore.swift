/// A sealed store of sample sets, mapped from its file.
///
/// Record i is the teacher's distribution for the token after position i of the token store that
/// `provenance.tokensHash` names. Safe to share between threads; every thread that reads makes a
/// reader of its own.
public final class SampleStore: Sendable {
  let store: StoreFile

  /// Opens the sample store at `path`; throws and costs what `TokenStore.init` does.
  public init(path: String) throws(StoreError) {
    store = try StoreFile(path: path, kind: .samples)
  }

  /// What the store says about itself.
  public var header: StoreHeader { store.header }
  /// The number of records.
  public var count: Int { store.trailer.records }
  /// Ids are below this number.
  public var vocabularySize: Int { store.header.vocabularySize }
  /// Slots per record.
  public var capacity: Int { store.header.capacity }
  /// Whether sets carry weights instead of counts.
  public var isWeighted: Bool { store.header.isWeighted }
  /// Draws per record.
  public var rounds: Int { store.header.provenance.rounds }
  /// Where the sets come from.
  public var provenance: StoreProvenance { store.header.provenance }
  /// XXH64 of all records (SPEC.md, section 7.1); names the content, however it is stored.
  public var fingerprint: UInt64 { store.trailer.fingerprint }

  /// Checks that these samples were made from `tokens`.
  ///
  /// Throws `tokensDiffer` naming both hashes, `vocabulariesDiffer` or `moreSamplesThanTokens`.
  public func check(against tokens: TokenStore) throws(StoreError) {
    guard provenance.tokensHash == tokens.fingerprint else {
      throw .tokensDiffer(expected: provenance.tokensHash, found: tokens.fingerprint)
    }
    // A teacher may have padded its vocabulary, never cut it.
    guard vocabularySize >= tokens.vocabularySize else {
      throw .vocabulariesDiffer(samples: vocabularySize, tokens: tokens.vocabularySize)
    }
    guard count <= tokens.count else {
      throw .moreSamplesThanTokens(samples: count, tokens: tokens.count)
    }
  }

  /// A reader with its own memory (the size of one block, about 64 KiB), for one thread.
  public func makeReader() -> SampleReader { SampleReader(self) }
}
