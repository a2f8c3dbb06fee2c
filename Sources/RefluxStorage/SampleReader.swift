import RefluxBytes

/// Reads ranges of a sample store; belongs to one thread.
public final class SampleReader {
  private let reader: BlockReader
  private let header: StoreHeader

  init(_ samples: SampleStore) {
    reader = BlockReader(samples.store)
    header = samples.header
  }

  /// Fills one row per record.
  ///
  /// Row r of `ids` and `weights` starts at `r * capacity`; its first `lengths[r]` elements are the
  /// ids in ascending order and their weights, the others are zero in a store that passes `verify`.
  /// The weight of a counted id is count / rounds.
  /// - Parameters:
  ///   - lengths: at least `records.count` elements.
  ///   - ids: at least `records.count * capacity` elements.
  ///   - weights: as many as `ids`.
  /// Throws `outOfRange`, or `damaged` for a block that fails a check, also for an id outside the
  /// vocabulary and a length above the capacity; the rows are then partly written.
  /// Cost: decodes each block that is touched, except the one read last; no allocation.
  public func read(
    _ records: Range<Int>, lengths: inout MutableSpan<Int32>, ids: inout MutableSpan<UInt32>,
    weights: inout MutableSpan<Float>
  ) throws(StoreError) {
    try reader.store.check(records)
    let elements = records.count * header.capacity
    precondition(lengths.count >= records.count, "lengths are too few")
    precondition(ids.count >= elements && weights.count >= elements, "ids or weights are too few")
    var record = records.lowerBound
    while record < records.upperBound {
      let block = record / header.recordsPerBlock
      let end = min(records.upperBound, (block + 1) * header.recordsPerBlock)
      try reader.load(block)
      let slots = slots(record..<end)
      let row = record - records.lowerBound
      try widenLengths(slots, first: record, into: &lengths, at: row)
      try widenIDs(slots, first: record, into: &ids, at: row * header.capacity)
      convertWeights(slots, into: &weights, at: row * header.capacity)
      record = end
    }
  }

  /// One record in arrays of its own.
  ///
  /// Throws what `read` throws. Cost: as `read` for one record, and the arrays.
  public func record(_ number: Int) throws(StoreError) -> SampleRecord {
    guard number >= 0, number < reader.store.trailer.records else {
      throw .outOfRange(first: number, end: number &+ 1, count: reader.store.trailer.records)
    }
    try reader.load(number / header.recordsPerBlock)
    let slots = slots(number..<number + 1)
    var lengths: [Int32] = [0]
    var lengthSpan = lengths.mutableSpan
    try widenLengths(slots, first: number, into: &lengthSpan, at: 0)
    var ids = [UInt32](repeating: 0, count: header.capacity)
    var idSpan = ids.mutableSpan
    try widenIDs(slots, first: number, into: &idSpan, at: 0)
    let length = Int(lengths[0])
    return SampleRecord(
      record: number, ids: Array(ids[..<length]),
      counts: header.isWeighted ? [] : Array(counts(slots)[..<length]),
      weights: header.isWeighted ? Array(floats(slots)[..<length]) : [],
      rounds: header.provenance.rounds)
  }

  /// Where the records of one block lie in it.
  private func slots(_ records: Range<Int>) -> Range<Int> {
    let first = records.lowerBound / header.recordsPerBlock * header.recordsPerBlock
    return records.lowerBound - first..<records.upperBound - first
  }

  private func widenLengths(
    _ slots: Range<Int>, first: Int, into lengths: inout MutableSpan<Int32>, at start: Int
  ) throws(StoreError) {
    let width = header.schema.fields[0].width
    let reader = reader
    let column = reader.elements(0, slots: slots)
    for index in 0..<slots.count {
      let value =
        switch width {
        case 1: UInt32(column.byte(at: index))
        case 2: UInt32(column.littleEndianUInt16(at: index * 2))
        default: column.littleEndianUInt32(at: index * 4)
        }
      guard Int(value) <= header.capacity else {
        throw reader.fault(
          record: first + index, .length(Int(value), capacity: header.capacity))
      }
      lengths[start + index] = Int32(truncatingIfNeeded: value)
    }
  }

  private func widenIDs(
    _ slots: Range<Int>, first: Int, into ids: inout MutableSpan<UInt32>, at start: Int
  ) throws(StoreError) {
    let largest = reader.widen(1, slots: slots, into: &ids, at: start)
    guard Int(largest) >= header.vocabularySize else { return }
    for index in 0..<slots.count * header.capacity
    where Int(ids[start + index]) >= header.vocabularySize {
      throw reader.fault(
        record: first + index / header.capacity,
        .id(ids[start + index], vocabulary: header.vocabularySize))
    }
  }

  private func convertWeights(
    _ slots: Range<Int>, into weights: inout MutableSpan<Float>, at start: Int
  ) {
    let reader = reader
    let column = reader.elements(2, slots: slots)
    if header.isWeighted {
      ColumnCodec.floats(column, into: &weights, at: start)
    } else {
      ColumnCodec.shares(
        column, width: header.schema.fields[2].width, rounds: header.provenance.rounds,
        into: &weights, at: start)
    }
  }

  private func counts(_ slots: Range<Int>) -> [UInt32] {
    var counts = [UInt32](repeating: 0, count: slots.count * header.capacity)
    var span = counts.mutableSpan
    _ = reader.widen(2, slots: slots, into: &span, at: 0)
    return counts
  }

  private func floats(_ slots: Range<Int>) -> [Float] {
    let reader = reader
    var floats = [Float](repeating: 0, count: slots.count * header.capacity)
    var span = floats.mutableSpan
    ColumnCodec.floats(reader.elements(2, slots: slots), into: &span, at: 0)
    return floats
  }
}
