import RefluxBytes

/// The sample sets of one block, one after the other in memory of a fixed size.
struct SampleBlock {
  /// Sets.
  private(set) var count = 0
  /// Pairs of an id and a value in all sets.
  private(set) var pairs = 0
  /// Where each set starts in `ids` and `values`; after the last one where it ends.
  var offsets: [Int32]
  var ids: [UInt32]
  /// Counts, or the bit patterns of 32-bit weights.
  var values: [UInt32]
  /// The bit patterns of the optional fields, set after set.
  var extras: [UInt32]
  let extrasPerSet: Int
  /// What is sorted in place of a set.
  var keys: [UInt64] = []

  init(_ header: StoreHeader) {
    let records = header.recordsPerBlock
    extrasPerSet = header.extras.count
    offsets = Array(repeating: 0, count: records + 1)
    ids = Array(repeating: 0, count: records * header.capacity)
    values = Array(repeating: 0, count: records * header.capacity)
    extras = Array(repeating: 0, count: records * extrasPerSet)
  }

  /// Bytes of the memory of a block.
  static func bytes(_ header: StoreHeader) -> Int {
    let records = header.recordsPerBlock
    return 4 * (records + 1) + 8 * records * header.capacity + 4 * records * header.extras.count
  }

  /// The pairs of set `record`.
  func range(_ record: Int) -> Range<Int> {
    Int(offsets[record])..<Int(offsets[record + 1])
  }

  /// The optional fields of set `record`.
  func extraRange(_ record: Int) -> Range<Int> {
    record * extrasPerSet..<(record + 1) * extrasPerSet
  }

  /// The size of the columns of the optional fields.
  var extraBytes: Int { 4 * count * extrasPerSet }

  /// Makes room for as many sets and pairs, whose content is whatever was there before.
  mutating func resize(count: Int, pairs: Int) {
    precondition(count < offsets.count && pairs <= ids.count)
    (self.count, self.pairs) = (count, pairs)
  }

  /// Empties the block; its memory stays.
  mutating func removeAll() { (count, pairs) = (0, 0) }

  /// The size of the columns.
  func columnBytes(_ header: StoreHeader) -> Int {
    count * header.fixedBytes + pairs * header.pairBytes
  }

  /// Calls `body` with the block's memory as a place to decode its sets to.
  @inline(__always)
  mutating func withTarget<Result>(
    _ body: (SetTarget) throws(StoreFault) -> Result
  ) throws(StoreFault) -> Result {
    let (count, pairs) = (count, pairs)
    return try unsafe offsets.withUnsafeMutableBufferPointer {
      (offsets) throws(StoreFault) -> Result in
      try unsafe ids.withUnsafeMutableBufferPointer { (ids) throws(StoreFault) -> Result in
        try unsafe values.withUnsafeMutableBufferPointer { (values) throws(StoreFault) -> Result in
          guard let offsets = offsets.baseAddress, let ids = ids.baseAddress,
            let values = values.baseAddress
          else { throw .packing("no memory for them") }
          return try body(
            unsafe SetTarget(
              offsets: offsets, ids: ids, values: values, count: count, pairs: pairs, first: 0))
        }
      }
    }
  }

  /// Writes the columns of the optional fields; returns their size.
  func storeExtras(to target: inout BlockBuffer, at offset: Int) -> Int {
    for field in 0..<extrasPerSet {
      let column = (0..<count).map { extras[$0 * extrasPerSet + field] }
      target.store(column.span, width: 4, at: offset + 4 * count * field)
    }
    return extraBytes
  }

  /// Takes over the columns of the optional fields.
  mutating func loadExtras(_ bytes: RawSpan) {
    for field in 0..<extrasPerSet {
      for record in 0..<count {
        extras[record * extrasPerSet + field] =
          bytes.littleEndianUInt32(at: 4 * (field * count + record))
      }
    }
  }
}
