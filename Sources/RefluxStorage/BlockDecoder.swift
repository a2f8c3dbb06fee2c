import RefluxBytes

/// The decoded payload of one block, in memory of its own that is reused for the next one.
struct BlockDecoder: ~Copyable {
  private var buffer: BlockBuffer
  /// Bytes of the payload that is held, and its records.
  private var count = 0
  private var records = 0
  private let columns: [StoreColumn]
  /// The first column of each field.
  private let fieldColumns: [Int]

  /// Allocates room for the largest block that `header` allows (at most 16 MiB and a little).
  init(_ header: StoreHeader) {
    buffer = BlockBuffer(capacity: header.rawBytesLimit(records: header.recordsPerBlock))
    let columns = StoreColumn.columns(of: header.schema)
    self.columns = columns
    fieldColumns = header.schema.fields.indices.map { field in
      columns.firstIndex { $0.field == field } ?? 0
    }
  }

  /// Takes over the payload of a checked block at `offset` of `file`.
  mutating func decode(
    _ file: RawSpan, offset: Int, _ block: BlockHeader
  ) throws(StoreFault) {
    let start = offset + StoreLimits.blockHeaderBytes
    let stored = file.extracting(start..<start + block.storedBytes)
    count = 0
    switch block.codec {
    case .raw: buffer.copy(stored, to: 0)
    case .lz4:
      guard LZ4.decompress(stored, into: &buffer, count: block.rawBytes) else {
        throw .compression(expected: block.rawBytes)
      }
    }
    count = block.rawBytes
    records = block.records
  }

  /// The whole payload: the columns, then the document starts of token blocks.
  var payload: RawSpan {
    @_lifetime(borrow self)
    get { buffer.bytes(first: count) }
  }

  /// The elements of `slots` in the column `skip` places after the first one of `field`.
  @_lifetime(borrow self)
  func elements(_ field: Int, slots: Range<Int>, skip: Int = 0) -> RawSpan {
    precondition(slots.lowerBound >= 0 && slots.upperBound <= records, "no such slots")
    let column = columns[fieldColumns[field] + skip]
    let start = column.prefix * records
    return payload.extracting(
      start + slots.lowerBound * column.bytes..<start + slots.upperBound * column.bytes)
  }

  /// Widens the elements of `slots` in an integer field into `target` from `first` on.
  ///
  /// Returns the largest of them.
  func widen(
    _ field: Int, slots: Range<Int>, into target: inout MutableSpan<UInt32>, at first: Int
  ) -> UInt32 {
    let width = columns[fieldColumns[field]].width
    let low = elements(field, slots: slots)
    let hasHighBytes =
      columns.count > fieldColumns[field] + 1
      && columns[fieldColumns[field] + 1].field == field
    if hasHighBytes {
      let high = elements(field, slots: slots, skip: 1)
      return ColumnCodec.widen(low, high, into: &target, at: first)
    }
    return ColumnCodec.widen(low, width: width, into: &target, at: first)
  }

  /// Widens a whole field to the start of `target`.
  func widen(_ field: Int, into target: inout [UInt32]) -> UInt32 {
    var span = target.mutableSpan
    return widen(field, slots: 0..<records, into: &span, at: 0)
  }
}
