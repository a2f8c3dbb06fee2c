import RefluxFiles

/// A sealed store of token ids, mapped from its file or from the shards of its folder.
///
/// Opening checks header and trailer; each block, and each page of the index, is checked when it is
/// read. Safe to share between threads; every thread that reads makes a reader of its own.
public final class TokenStore: Store {
  let store: StoreSet

  init(_ store: StoreSet) { self.store = store }

  /// Opens the token store at `path`.
  ///
  /// - Throws: `file`, `unsealed`, `unfinished`, `wrongKind`, `damaged`, `manifest`, `shard` and
  ///   the cases for files that are no stores.
  /// - Complexity: the same however long the store is.
  public init(path: String) throws(StoreError) {
    store = try StoreSet(path: path, kind: .tokens)
  }

  /// Opens a token store that is still being written; see `SampleStore.init(following:after:)`.
  public init(following path: String, after last: TokenStore? = nil) throws(StoreError) {
    store = try StoreSet([
      try StoreFile(following: path, kind: .tokens, after: last?.store.shards[0])
    ])
  }

  /// What the store says about itself.
  public var header: StoreHeader { store.header }
  /// The number of tokens.
  public var count: Int { store.count }
  /// What names the content, however it is stored (SPEC.md, section 8.1).
  public var fingerprint: UInt64 { store.fingerprint }
  /// The number of documents that start in the store.
  public var documentCount: Int { store.documents }

  /// The first record of every document, ascending.
  ///
  /// - Throws: `damaged(.index, ...)`, or `damaged` for the blocks of a file that only claims to be
  ///   as long as it says.
  /// - Complexity: 8 to 16 bytes and one look-up per document, and a look at one block in a million
  ///   tokens.
  public func documentStarts() throws(StoreError) -> [Int] {
    var starts: [Int] = []
    for (number, shard) in store.shards.enumerated() {
      var reader = IndexReader(shard)
      let file = shard.file
      for document in 0..<shard.trailer.documents {
        do throws(StoreError) {
          starts.append(
            store.starts[number] + (try reader.start(ofDocument: document, in: file.bytes)))
        } catch {
          throw store.naming(error, shard: number)
        }
      }
      do throws(StoreError) { try shard.checkLength() } catch {
        throw store.naming(error, shard: number)
      }
    }
    return starts
  }

  /// How often each id stands in the first `limit` tokens: for the dictionary of a packed sample
  /// store.
  ///
  /// - Throws: what reading throws, and `configuration` for a vocabulary that no sample store has.
  /// - Complexity: 8 bytes per id, and a pass over that many tokens.
  public func frequencies(limit: Int = 1 << 26) throws(StoreError) -> [UInt64] {
    guard vocabularySize <= StoreLimits.maximumSampleVocabulary else {
      throw .configuration(
        "a vocabulary of \(vocabularySize) does not fit a sample store, expected at most "
          + "\(StoreLimits.maximumSampleVocabulary)")
    }
    var frequencies = [UInt64](repeating: 0, count: vocabularySize)
    let (reader, share, end) = (makeReader(), 1 << 15, min(limit, count))
    var ids = [UInt32](repeating: 0, count: share)
    for first in stride(from: 0, to: end, by: share) {
      let records = first..<min(first + share, end)
      var span = ids.mutableSpan
      try reader.read(records, into: &span)
      for index in 0..<records.count { frequencies[Int(ids[index])] += 1 }
    }
    return frequencies
  }

  /// Bytes of the memory of a reader without a cache.
  public var readerBytes: Int {
    let header = store.largestHeader
    let blocks = store.shards.reduce(0) { $0 + $1.trailer.blocks }
    return header.rawBytesLimit(records: header.recordsPerBlock)
      + CheckedBlocks.bytes(blocks: blocks) + 4 * store.shards.count
  }

  /// A reader with its own memory (about 128 KiB), for one thread.
  ///
  /// - Parameters:
  ///   - cacheBytes: how much memory decompressed blocks may take; one is always kept.
  ///   - checksOnce: whether the checksum of a block is computed the first time only, which costs a
  ///     bit per block, at most 32 MiB.
  public func makeReader(cacheBytes: Int = 0, checksOnce: Bool = false) -> TokenReader {
    TokenReader(self, cacheBytes: cacheBytes, checksOnce: checksOnce)
  }
}
