import RefluxFiles

/// Reads ranges of a token store; belongs to one thread.
public final class TokenReader {
  private let store: StoreSet
  private var cursor: BlockCursor
  private var columns: TokenColumns

  init(_ tokens: TokenStore) {
    store = tokens.store
    cursor = BlockCursor(store)
    columns = TokenColumns(store.largestHeader)
  }

  /// Copies the ids of `records` to the start of `ids`.
  ///
  /// Blocks that are stored as they are, as most of 16 bits are, are widened straight from the page
  /// cache; others are decompressed first.
  /// - Parameter ids: at least `records.count` elements; the rest is left alone.
  /// Throws `outOfRange`, or `damaged` for a block that fails a check, also for an id outside the
  /// vocabulary; `ids` is then partly written.
  /// Cost: checks and decodes each block that is touched, except the one read last; no allocation.
  public func read(
    _ records: Range<Int>, into ids: inout MutableSpan<UInt32>
  ) throws(StoreError) {
    try store.check(records)
    precondition(ids.count >= records.count, "ids are too few")
    var record = records.lowerBound
    while record < records.upperBound {
      try load(record)
      let end = min(records.upperBound, cursor.records.upperBound)
      try widen(record..<end, into: &ids, at: record - records.lowerBound)
      record = end
    }
  }

  /// The ids of `records` in an array of their own; throws what the other `read` throws.
  public func read(_ records: Range<Int>) throws(StoreError) -> [UInt32] {
    try store.check(records)
    var ids = [UInt32](repeating: 0, count: records.count)
    var span = ids.mutableSpan
    try read(records, into: &span)
    return ids
  }

  private func load(_ record: Int) throws(StoreError) {
    try cursor.load(record) { (shard, block, _) throws(StoreFault) in
      try columns.load(shard.file, block)
    }
  }

  private func widen(
    _ records: Range<Int>, into ids: inout MutableSpan<UInt32>, at start: Int
  ) throws(StoreError) {
    let first = cursor.firstRecord
    let slots = records.lowerBound - first..<records.upperBound - first
    let largest = columns.widen(slots, into: &ids, at: start)
    // The block was checked when it was loaded; what is read in place may have gone since.
    if cursor.isCut { throw cursor.vanished }
    let vocabulary = store.header.vocabularySize
    guard Int(largest) >= vocabulary else { return }
    for index in 0..<records.count where Int(ids[start + index]) >= vocabulary {
      throw cursor.fault(
        record: records.lowerBound + index, .id(ids[start + index], vocabulary: vocabulary))
    }
  }
}
