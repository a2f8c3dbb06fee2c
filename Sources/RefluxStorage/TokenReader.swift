/// Reads ranges of a token store; belongs to one thread.
public final class TokenReader {
  private let reader: BlockReader

  init(_ tokens: TokenStore) {
    reader = BlockReader(tokens.store)
  }

  /// Copies the ids of `records` to the start of `ids`.
  ///
  /// - Parameter ids: at least `records.count` elements; the rest is left alone.
  /// Throws `outOfRange`, or `damaged` for a block that fails a check, also for an id outside the
  /// vocabulary; `ids` is then partly written.
  /// Cost: decodes each block that is touched, except the one read last; no allocation.
  public func read(
    _ records: Range<Int>, into ids: inout MutableSpan<UInt32>
  ) throws(StoreError) {
    try reader.store.check(records)
    precondition(ids.count >= records.count, "ids are too few")
    let perBlock = reader.store.header.recordsPerBlock
    var record = records.lowerBound
    while record < records.upperBound {
      let block = record / perBlock
      let end = min(records.upperBound, (block + 1) * perBlock)
      try reader.load(block)
      try widen(record..<end, block: block, into: &ids, at: record - records.lowerBound)
      record = end
    }
  }

  /// The ids of `records` in an array of their own; throws what the other `read` throws.
  public func read(_ records: Range<Int>) throws(StoreError) -> [UInt32] {
    try reader.store.check(records)
    var ids = [UInt32](repeating: 0, count: records.count)
    var span = ids.mutableSpan
    try read(records, into: &span)
    return ids
  }

  private func widen(
    _ records: Range<Int>, block: Int, into ids: inout MutableSpan<UInt32>, at start: Int
  ) throws(StoreError) {
    let first = block * reader.store.header.recordsPerBlock
    let slots = records.lowerBound - first..<records.upperBound - first
    let largest = reader.widen(0, slots: slots, into: &ids, at: start)
    let vocabulary = reader.store.header.vocabularySize
    guard Int(largest) >= vocabulary else { return }
    for index in 0..<records.count where Int(ids[start + index]) >= vocabulary {
      throw reader.fault(
        record: records.lowerBound + index, .id(ids[start + index], vocabulary: vocabulary))
    }
  }
}
