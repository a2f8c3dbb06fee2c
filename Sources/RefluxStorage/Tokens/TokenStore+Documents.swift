import RefluxFiles

extension TokenStore {
  /// A document of the store.
  public struct Document: Equatable, Sendable {
    /// Its number, from 0.
    public let number: Int
    /// Its records; in a shard of a larger store the first and the last one may continue elsewhere.
    public let records: Range<Int>
  }

  /// The document that a record belongs to; nil for the rest of one that began in an earlier shard.
  ///
  /// - Throws: `outOfRange` or `damaged(.index, ...)`.
  /// - Complexity: a search in the index, some 20 pages.
  public func document(of record: Int) throws(StoreError) -> Document? {
    try store.check(record..<record + 1)
    // The documents before the one after the record's.
    var (low, high) = (0, documentCount)
    while low < high {
      let middle = (low + high) / 2
      if try start(ofDocument: middle) <= record { low = middle + 1 } else { high = middle }
    }
    if low == 0 { return nil }
    let end = low < documentCount ? try start(ofDocument: low) : count
    return Document(number: low - 1, records: try start(ofDocument: low - 1)..<end)
  }

  private func start(ofDocument number: Int) throws(StoreError) -> Int {
    var (low, high) = (0, store.shards.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if store.documentStarts[middle] <= number { low = middle } else { high = middle - 1 }
    }
    let shard = store.shards[low]
    var reader = IndexReader(shard)
    let file = shard.file
    do throws(StoreError) {
      let local = try reader.start(
        ofDocument: number - store.documentStarts[low], in: file.bytes)
      return store.starts[low] + local
    } catch {
      throw store.naming(error, shard: low)
    }
  }
}
