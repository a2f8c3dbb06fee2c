import RefluxFiles

/// A sealed store of token ids, mapped from its file.
///
/// Opening checks header, index and trailer; each block is checked when it is read. Safe to share
/// between threads; every thread that reads makes a reader of its own.
public final class TokenStore: Sendable {
  let store: StoreFile

  /// Opens the token store at `path`.
  ///
  /// Throws `file`, `unsealed`, `unfinished`, `wrongKind`, `damaged` and the cases for files that
  /// are no stores. Cost: one pass over the index (8 bytes per block and document).
  public init(path: String) throws(StoreError) {
    store = try StoreFile(path: path, kind: .tokens)
  }

  /// What the store says about itself.
  public var header: StoreHeader { store.header }
  /// The number of tokens.
  public var count: Int { store.trailer.records }
  /// Ids are below this number.
  public var vocabularySize: Int { store.header.vocabularySize }
  /// XXH64 of all ids as 32-bit little-endian numbers; names the content, however it is stored.
  public var fingerprint: UInt64 { store.trailer.fingerprint }
  /// The number of documents.
  public var documentCount: Int { store.trailer.documents }

  /// The first record of document `index`; they ascend strictly from 0.
  public func documentStart(_ index: Int) -> Int {
    precondition(index >= 0 && index < documentCount, "no such document")
    let file = store.file
    return store.index.document(index, in: file.bytes)
  }

  /// The first record of every document; costs 8 bytes per document.
  public var documentStarts: [Int] {
    (0..<documentCount).map { documentStart($0) }
  }

  /// A reader with its own memory (about 128 KiB), for one thread.
  public func makeReader() -> TokenReader { TokenReader(self) }
}
