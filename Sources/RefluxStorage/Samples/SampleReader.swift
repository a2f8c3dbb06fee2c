import RefluxBytes
import RefluxFiles
import RefluxTargets

/// Reads ranges of a sample store; belongs to one thread.
public final class SampleReader {
  let store: StoreSet
  let header: StoreHeader
  var cursor: BlockCursor
  var decoder: SampleBlockDecoder
  /// Blocks that were wanted in part only, decoded as a whole.
  var cache: [SampleBlock]
  var slots: SlotTable
  /// The optional fields that ``read`` takes too, and where they stand in the store.
  var taking: (scalars: [TargetScalar], fields: [Int]) = ([], [])
  /// Their values in the sets of the last ``read``, set after set.
  var taken: [Float] = []
  /// Where the time goes, if anybody wants to know.
  public var times: ReadTimes?
  /// The dictionary that the decoder was made with.
  private var dictionary: RankDictionary?

  init(_ samples: SampleStore, cacheBytes: Int) {
    store = samples.store
    let header = store.largestHeader
    self.header = header
    cursor = BlockCursor(store)
    dictionary = store.shards[0].dictionary
    decoder = SampleBlockDecoder(header, dictionary)
    let count = SlotTable.count(slots: cacheBytes / SampleBlock.bytes(header))
    slots = SlotTable(slots: count)
    cache = (0..<count).map { _ in SampleBlock(header) }
  }

  /// From now on each file is compared with what lies under its path when it is first read from,
  /// and again after the next call: `read` then throws `file(.changed)` or `file(.gone)`.
  public func beginTurn() { cursor.beginTurn() }

  /// Copies the sets of `records`, one after the other.
  ///
  /// Set r has the elements `offsets[r]` to `offsets[r + 1]` - 1 of `ids` and `weights`; the weight
  /// of a counted id is count / rounds. A set has no order: its ids ascend in plain blocks, their
  /// ranks in packed ones. Whether counts sum to the rounds is left to `verify`.
  ///
  /// Blocks of counts that are wanted as a whole are decoded into place; others are kept decoded as
  /// far as the cache goes.
  ///
  /// - Parameters:
  ///   - offsets: at least `records.count` + 1 elements; the first one is `start`.
  ///   - ids: room for `records.count` x capacity elements from `start` on.
  ///   - weights: as `ids`.
  ///   - start: where the first set goes.
  /// - Returns: the end of the last set.
  /// - Throws: `outOfRange`, or `damaged` for a block that fails a check, also for an id outside
  ///   the vocabulary and a length above the capacity; the elements are then partly written.
  /// - Complexity: checks and decodes each block that is touched, except those in the cache; no
  ///   allocation.
  @discardableResult
  public func read(
    _ records: Range<Int>, offsets: inout MutableSpan<Int32>, ids: inout MutableSpan<UInt32>,
    weights: inout MutableSpan<Float>, from start: Int = 0
  ) throws(StoreError) -> Int {
    try store.check(records)
    precondition(offsets.count > records.count, "offsets are too few")
    let room = start + records.count * header.capacity
    precondition(ids.count >= room && weights.count >= room, "ids or weights are too few")
    var (record, end) = (records.lowerBound, start)
    taken.removeAll(keepingCapacity: true)
    offsets[0] = Int32(start)
    while record < records.upperBound {
      let place = cursor.place(of: record)
      let part = record..<min(records.upperBound, place.records.upperBound)
      let row = part.lowerBound - records.lowerBound
      times?.begin()
      if part == place.records, !header.isWeighted {
        end = try decode(place, to: row, &offsets, &ids, &weights, from: end)
      } else {
        end = try copy(part, of: place, to: row, &offsets, &ids, &weights, from: end)
      }
      record = part.upperBound
    }
    return end
  }

  /// Calls `body` with a decoder for the blocks of `shard`, and its file.
  func withDecoder<Result>(
    _ shard: StoreFile,
    _ body: (inout SampleBlockDecoder, RawSpan) throws(StoreFault) -> Result
  ) throws(StoreFault) -> Result {
    if shard.dictionary !== dictionary {
      dictionary = shard.dictionary
      decoder = SampleBlockDecoder(header, dictionary)
    }
    let file = shard.file
    return try body(&decoder, file.bytes)
  }
}

/// The two ways from a block to the caller's memory.
extension SampleReader {
  /// Decodes all sets of a block to rows `row`, `row` + 1, ...; returns the end of the last one.
  func decode(
    _ place: BlockPlace, to row: Int, _ offsets: inout MutableSpan<Int32>,
    _ ids: inout MutableSpan<UInt32>, _ weights: inout MutableSpan<Float>, from start: Int
  ) throws(StoreError) -> Int {
    let count = place.records.count
    precondition(row + count < offsets.count)
    let most = min(ids.count, weights.count) - start
    return try unsafe offsets.withUnsafeMutableBufferPointer {
      (offsets) throws(StoreError) -> Int in
      try unsafe ids.withUnsafeMutableBufferPointer { (ids) throws(StoreError) -> Int in
        try unsafe weights.withUnsafeMutableBufferPointer { (weights) throws(StoreError) -> Int in
          guard let offsets = offsets.baseAddress, let ids = ids.baseAddress,
            let weights = weights.baseAddress
          else { return start }
          // Counts are decoded where their weights will be: both have 32 bits.
          let values = unsafe UnsafeMutableRawPointer(weights).assumingMemoryBound(to: UInt32.self)
          var pairs = 0
          try cursor.load(place, times: times) { (shard, block) throws(StoreFault) in
            pairs = header.pairs(of: block.header)
            precondition(pairs <= most)
            let target = unsafe SetTarget(
              offsets: offsets + row, ids: ids, values: values, count: count, pairs: pairs,
              first: start)
            try withDecoder(shard) { decoder, file throws(StoreFault) in
              try decoder.decode(
                file, offset: block.offset, block.header, into: target, extras: takesScalars)
            }
          }
          take(0..<count, of: decoder.block)
          times?.endDecode()
          return start + pairs
        }
      }
    }
  }

  /// Copies some records of a block, decoding it unless the cache has it.
  func copy(
    _ records: Range<Int>, of place: BlockPlace, to row: Int, _ offsets: inout MutableSpan<Int32>,
    _ ids: inout MutableSpan<UInt32>, _ weights: inout MutableSpan<Float>, from start: Int
  ) throws(StoreError) -> Int {
    let first = place.records.lowerBound
    let sets = records.lowerBound - first..<records.upperBound - first
    // A single record is not worth the others of its block.
    let alone = records.count == 1 ? sets.lowerBound : nil
    defer { times?.endGather() }
    if let slot = slots.find(place.key) {
      return copy(cache[slot], sets, row, &offsets, &ids, &weights, start)
    }
    try load(place, alone: alone)
    if alone != nil { return copy(decoder.block, sets, row, &offsets, &ids, &weights, start) }
    let slot = slots.claim(place.key)
    swap(&decoder.block, &cache[slot])
    return copy(cache[slot], sets, row, &offsets, &ids, &weights, start)
  }

  /// Decodes a block into the decoder's own memory.
  func load(_ place: BlockPlace, alone: Int?) throws(StoreError) {
    try cursor.load(place, times: times) { (shard, block) throws(StoreFault) in
      try withDecoder(shard) { decoder, file throws(StoreFault) in
        try decoder.decode(file, offset: block.offset, block.header, alone: alone)
      }
    }
    times?.endDecode()
  }

  private func copy(
    _ block: borrowing SampleBlock, _ sets: Range<Int>, _ row: Int,
    _ offsets: inout MutableSpan<Int32>, _ ids: inout MutableSpan<UInt32>,
    _ weights: inout MutableSpan<Float>, _ start: Int
  ) -> Int {
    take(sets, of: block)
    return block.copy(
      sets, rounds: header.isWeighted ? nil : header.provenance.rounds, to: row,
      offsets: &offsets, ids: &ids, weights: &weights, from: start)
  }
}
