import RefluxBytes

/// The decoded payload of one block, in memory of its own that is reused for the next one.
struct BlockDecoder: ~Copyable {
  private(set) var buffer: BlockBuffer
  /// Bytes of the payload that is held.
  private(set) var count = 0

  /// Allocates room for the largest block that `header` allows (at most 16 MiB and a little).
  init(_ header: StoreHeader) {
    buffer = BlockBuffer(capacity: header.rawBytesLimit(records: header.recordsPerBlock))
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
  }

  /// The payload: the columns, then the document starts of token blocks.
  var payload: RawSpan {
    @_lifetime(borrow self)
    get { buffer.bytes(first: count) }
  }

  /// Widens a whole column that starts at byte `start` of the payload.
  ///
  /// - Parameter target: at least as many elements as the column has.
  /// - Returns: the largest element.
  func widen(
    _ field: StoreField, from start: Int, records: Int, into target: inout [UInt32]
  ) -> UInt32 {
    let column = payload.extracting(start..<start + field.bytes * records)
    var span = target.mutableSpan
    return ColumnCodec.widen(column, width: field.width, into: &span, at: 0)
  }
}
