import RefluxBytes
import RefluxFiles

/// Reads ranges of a token store; belongs to one thread.
public final class TokenReader {
  let store: StoreSet
  var cursor: BlockCursor
  /// Decompressed blocks, and the place of the one that is read where it lies.
  private var blocks: [TokenBlockSlot]
  private var slots: SlotTable
  /// The block that was used last, and its number in the store.
  private var current: TokenBlockSlot
  private var currentKey = -1
  /// Where the time goes, if anybody wants to know.
  public var times: ReadTimes?

  init(_ tokens: TokenStore, cacheBytes: Int, checksOnce: Bool) {
    store = tokens.store
    cursor = BlockCursor(store, checksOnce: checksOnce)
    let header = store.largestHeader
    let count = SlotTable.count(
      slots: cacheBytes / header.rawBytesLimit(records: header.recordsPerBlock))
    slots = SlotTable(slots: count)
    blocks = (0..<count).map { _ in TokenBlockSlot(header) }
    current = blocks[0]
  }

  /// From now on each file is compared with what lies under its path when it is first read from,
  /// and again after the next call: `read` then throws `file(.changed)` or `file(.gone)`.
  public func beginTurn() {
    cursor.beginTurn()
    currentKey = -1
  }

  func forgetCurrent() { currentKey = -1 }

  /// Makes the next read of every block compute its checksum, also where that was done before.
  public func forgetChecks() { cursor.forgetChecks() }

  /// Copies the ids of `records` to the start of `ids`.
  ///
  /// Blocks that are stored as they are, as most of 16 bits are, are widened straight from the page
  /// cache; others are decompressed first.
  ///
  /// - Parameter ids: at least `records.count` elements; the rest is left alone.
  /// - Throws: `outOfRange`, or `damaged` for a block that fails a check, also for an id outside
  ///   the vocabulary; `ids` is then partly written.
  /// - Complexity: checks and decodes each block that is touched, except the one read last; no
  ///   allocation.
  public func read(
    _ records: Range<Int>, into ids: inout MutableSpan<UInt32>
  ) throws(StoreError) {
    try store.check(records)
    precondition(ids.count >= records.count, "ids are too few")
    try forEachPart(of: records) { (part, slots, block) throws(StoreError) in
      let at = part.lowerBound - records.lowerBound
      let largest = block.columns.widen(slots, into: &ids, at: at)
      try check(largest, part, ids.span.extracting(at..<at + part.count), block)
    }
  }

  /// Copies the ids of `records` to `ids` and those one record further to `labels`, both from
  /// `start` on; after the store's last record the label is 0.
  ///
  /// - Parameters:
  ///   - ids: room for `records.count` elements from `start` on; the rest is left alone.
  ///   - labels: as `ids`.
  /// - Throws: what the other `read` throws.
  /// - Complexity: that of the other `read`, for one record more.
  public func read(
    _ records: Range<Int>, into ids: inout MutableSpan<UInt32>,
    labels: inout MutableSpan<UInt32>, at start: Int
  ) throws(StoreError) {
    try store.check(records)
    precondition(start + records.count <= min(ids.count, labels.count), "too few ids or labels")
    if records.isEmpty { return }
    let all = records.lowerBound..<min(records.upperBound + 1, store.count)
    let hasLastLabel = all.upperBound > records.upperBound
    if !hasLastLabel { labels[start + records.count - 1] = 0 }
    try forEachPart(of: all) { (part, slots, block) throws(StoreError) in
      let at = start + part.lowerBound - all.lowerBound
      let isLast = hasLastLabel && part.upperBound == all.upperBound
      let isFirst = part.lowerBound == all.lowerBound
      let idSlots = slots.lowerBound..<slots.upperBound - (isLast ? 1 : 0)
      let labelSlots = slots.lowerBound + (isFirst ? 1 : 0)..<slots.upperBound
      let first = isFirst ? at : at - 1
      var largest: UInt32 = 0
      if !idSlots.isEmpty { largest = block.columns.widen(idSlots, into: &ids, at: at) }
      if !labelSlots.isEmpty {
        largest = max(largest, block.columns.widen(labelSlots, into: &labels, at: first))
      }
      try check(
        largest, part.lowerBound..<part.lowerBound + idSlots.count,
        ids.span.extracting(at..<at + idSlots.count), block)
      try check(
        largest, part.upperBound - labelSlots.count..<part.upperBound,
        labels.span.extracting(first..<first + labelSlots.count), block)
    }
  }

  /// The ids of `records` in an array of their own.
  ///
  /// - Throws: what the other `read` throws.
  public func read(_ records: Range<Int>) throws(StoreError) -> [UInt32] {
    try store.check(records)
    var ids = [UInt32](repeating: 0, count: records.count)
    var span = ids.mutableSpan
    try read(records, into: &span)
    return ids
  }

  /// Calls `body` with the records of each block, their slots in it and the block.
  func forEachPart(
    of records: Range<Int>,
    _ body: (Range<Int>, _ slots: Range<Int>, TokenBlockSlot) throws(StoreError) -> Void
  ) throws(StoreError) {
    var record = records.lowerBound
    while record < records.upperBound {
      let place = cursor.place(of: record)
      let part = record..<min(records.upperBound, place.records.upperBound)
      times?.begin()
      let block = try load(place)
      let first = place.records.lowerBound
      try body(part, part.lowerBound - first..<part.upperBound - first, block)
      // The block was checked when it was loaded; what is read in place may have gone since.
      if block.columns.isInPlace, cursor.isCut { throw cursor.vanished }
      times?.endGather()
      record = part.upperBound
    }
  }

  private func load(_ place: BlockPlace) throws(StoreError) -> TokenBlockSlot {
    if place.key == currentKey { return current }
    currentKey = -1
    let found = slots.find(place.key)
    if let found, !blocks[found].columns.isInPlace {
      (current, currentKey) = (blocks[found], place.key)
      return current
    }
    // What is read in place is no use in the cache: it takes the slot of its kind anew.
    let slot = found ?? slots.claim(place.key)
    let block = blocks[slot]
    do throws(StoreError) {
      try cursor.load(place, times: times) { (shard, scanned) throws(StoreFault) in
        try block.columns.load(shard.file, scanned)
        (block.shard, block.scanned) = (place.shard, scanned)
      }
    } catch {
      slots.release(slot)
      throw error
    }
    times?.endDecode()
    (current, currentKey) = (block, place.key)
    return block
  }

  private func check(
    _ largest: UInt32, _ records: Range<Int>, _ ids: Span<UInt32>, _ block: TokenBlockSlot
  ) throws(StoreError) {
    let vocabulary = store.header.vocabularySize
    guard Int(largest) >= vocabulary else { return }
    for index in 0..<records.count where Int(ids[index]) >= vocabulary {
      let fault = RecordFault.id(ids[index], vocabulary: vocabulary)
      throw block.fault(record: records.lowerBound + index, fault, of: store)
    }
  }
}

/// A block of tokens in a reader's cache.
final class TokenBlockSlot {
  var columns: TokenColumns
  /// Where it lies.
  var shard = 0
  var scanned: ScannedBlock?

  init(_ header: StoreHeader) { columns = TokenColumns(header) }

  /// An error about one of its records.
  func fault(record: Int, _ fault: RecordFault, of store: StoreSet) -> StoreError {
    let error = StoreError.damaged(
      .block(scanned?.header.block ?? 0), offset: scanned?.offset ?? 0, .record(record, fault))
    return store.naming(error, shard: shard)
  }
}
