import RefluxFiles

extension TokenReader {
  /// Calls `body` with the first record of every document that starts in `records`, ascending.
  ///
  /// - Throws: `outOfRange` or `damaged`.
  /// - Complexity: as `read` of the same records; no allocation.
  public func forEachDocument(
    in records: Range<Int>, _ body: (Int) -> Void
  ) throws(StoreError) {
    try store.check(records)
    try forEachPart(of: records) { (part, slots, block) throws(StoreError) in
      let first = part.lowerBound - slots.lowerBound
      block.columns.forEachDocumentSlot { slot in
        if slots.contains(slot) { body(first + slot) }
      }
    }
  }

  /// Asks the system to bring in the blocks of `records` ahead of their use; a range that cannot be
  /// found is left to `read`.
  public func prefetch(_ records: Range<Int>) {
    forgetCurrent()
    cursor.prefetch(records)
  }
}

extension SampleReader {
  /// Asks the system to bring in the blocks of `records` ahead of their use; a range that cannot be
  /// found is left to `read`.
  public func prefetch(_ records: Range<Int>) { cursor.prefetch(records) }
}

extension BlockCursor {
  mutating func prefetch(_ records: Range<Int>) {
    let records = records.clamped(to: 0..<store.count)
    var record = records.lowerBound
    while record < records.upperBound {
      let first = place(of: record)
      let end = min(records.upperBound, store.starts[first.shard + 1])
      let last = place(of: end - 1)
      guard let start = extent(of: first), let tail = extent(of: last) else { return }
      shard.file.prefetch(start.lowerBound..<max(start.upperBound, tail.upperBound))
      record = end
    }
  }
}
