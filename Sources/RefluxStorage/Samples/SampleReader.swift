import RefluxFiles

/// Reads ranges of a sample store; belongs to one thread.
public final class SampleReader {
  private let store: StoreSet
  private let header: StoreHeader
  private var cursor: BlockCursor
  private var decoder: SampleBlockDecoder
  /// The dictionary that the decoder was made with.
  private var dictionary: RankDictionary?

  init(_ samples: SampleStore) {
    store = samples.store
    header = store.largestHeader
    cursor = BlockCursor(store)
    dictionary = store.shards[0].dictionary
    decoder = SampleBlockDecoder(header, dictionary)
  }

  /// Copies the sets of `records`, one after the other.
  ///
  /// Set r has the elements `offsets[r]` to `offsets[r + 1]` - 1 of `ids` and `weights`; the weight
  /// of a counted id is count / rounds. A set has no order: its ids ascend in plain blocks, their
  /// ranks in packed ones. Whether counts sum to the rounds is left to `verify`.
  /// - Parameters:
  ///   - offsets: at least `records.count` + 1 elements; the first one is `start`.
  ///   - ids: room for `records.count` x capacity elements from `start` on.
  ///   - weights: as `ids`.
  ///   - start: where the first set goes.
  /// - Returns: the end of the last set.
  /// Throws `outOfRange`, or `damaged` for a block that fails a check, also for an id outside the
  /// vocabulary and a length above the capacity; the elements are then partly written.
  /// Cost: checks and decodes each block that is touched, except the one read last; no allocation.
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
    offsets[0] = Int32(start)
    while record < records.upperBound {
      try load(record, alone: records.count == 1)
      let part = record..<min(records.upperBound, cursor.records.upperBound)
      let first = cursor.firstRecord
      let sets = part.lowerBound - first..<part.upperBound - first
      end = decoder.block.copy(
        sets, rounds: header.isWeighted ? nil : header.provenance.rounds,
        to: part.lowerBound - records.lowerBound, offsets: &offsets, ids: &ids,
        weights: &weights, from: end)
      record = part.upperBound
    }
    return end
  }

  /// One record in arrays of its own, its ids ascending.
  ///
  /// Throws what `read` throws. Cost: as `read` for one record, and the arrays.
  public func record(_ number: Int) throws(StoreError) -> SampleRecord {
    guard number >= 0, number < store.count else {
      throw .outOfRange(first: number, end: number &+ 1, count: store.count)
    }
    try load(number, alone: true)
    return loaded(number)
  }

  /// Some records in arrays of their own, their ids ascending.
  ///
  /// Throws what `read` throws. Cost: as `read`, and the arrays.
  public func records(_ numbers: Range<Int>) throws(StoreError) -> [SampleRecord] {
    try store.check(numbers)
    var result: [SampleRecord] = []
    result.reserveCapacity(numbers.count)
    for number in numbers {
      try load(number, alone: numbers.count == 1)
      result.append(loaded(number))
    }
    return result
  }

  /// A record of the block that was loaded last.
  private func loaded(_ number: Int) -> SampleRecord {
    let block = decoder.block
    let set = number - cursor.firstRecord
    let range = block.range(set)
    let order = range.sorted { block.ids[$0] < block.ids[$1] }
    let values = order.map { block.values[$0] }
    let extras = block.extraRange(set)
    return SampleRecord(
      record: number, ids: order.map { block.ids[$0] },
      counts: header.isWeighted ? [] : values,
      weights: header.isWeighted ? values.map { Float(bitPattern: $0) } : [],
      rounds: header.provenance.rounds,
      extras: Dictionary(
        uniqueKeysWithValues: zip(
          header.extras, extras.map { Float(bitPattern: block.extras[$0]) })))
  }

  private func load(_ record: Int, alone: Bool) throws(StoreError) {
    try cursor.load(record, alone: alone) { (shard, block, slot) throws(StoreFault) in
      if shard.dictionary !== dictionary {
        dictionary = shard.dictionary
        decoder = SampleBlockDecoder(header, dictionary)
      }
      let file = shard.file
      try decoder.decode(
        file.bytes, offset: block.offset, block.header, alone: alone ? slot : nil)
    }
  }
}
