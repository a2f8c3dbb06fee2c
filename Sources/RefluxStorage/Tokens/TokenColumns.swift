import RefluxBytes
import RefluxFiles

/// The columns of one block of tokens: where they lie in the file if they are stored as they are,
/// else decompressed into memory that is reused for the next block.
struct TokenColumns: ~Copyable {
  private var buffer: BlockBuffer
  private var source: MappedFile?
  private var bytes = 0..<0
  private var records = 0
  private let width: Int

  init(_ header: StoreHeader) {
    buffer = BlockBuffer(capacity: header.rawBytesLimit(records: header.recordsPerBlock))
    width = header.schema.fields[0].width
  }

  /// Whether the ids lie in the file.
  var isInPlace: Bool { source != nil }

  /// Takes over a checked block of `file`.
  mutating func load(_ file: MappedFile, _ block: ScannedBlock) throws(StoreFault) {
    let start = block.offset + StoreLimits.blockHeaderBytes
    records = block.header.records
    if block.header.codec == .raw {
      source = file
      bytes = start..<start + block.header.rawBytes
      return
    }
    source = nil
    bytes = 0..<block.header.rawBytes
    let stored = file.bytes.extracting(start..<start + block.header.storedBytes)
    guard LZ4.decompress(stored, into: &buffer, count: block.header.rawBytes) else {
      throw .compression(expected: block.header.rawBytes)
    }
  }

  /// Calls `body` with the columns and the document starts after them.
  func withBytes<Result>(_ body: (RawSpan) -> Result) -> Result {
    if let source { return body(source.bytes.extracting(bytes)) }
    return body(buffer.bytes(first: bytes.count))
  }

  /// Calls `body` with the slots at which documents start, in the order of the file.
  func forEachDocumentSlot(_ body: (Int) -> Void) {
    let start = records * width
    withBytes { bytes in
      for offset in stride(from: start, through: bytes.byteCount - 4, by: 4) {
        body(Int(bytes.littleEndianUInt32(at: offset)))
      }
    }
  }

  /// Widens the ids of `slots` into `ids` from `first` on; returns the largest.
  func widen(_ slots: Range<Int>, into ids: inout MutableSpan<UInt32>, at first: Int) -> UInt32 {
    let (records, width) = (records, width)
    if let source {
      return Self.widen(source.bytes.extracting(bytes), records, width, slots, &ids, first)
    }
    return Self.widen(buffer.bytes(first: bytes.count), records, width, slots, &ids, first)
  }

  /// Widens the ids of `slots` into the start of an array.
  func widen(_ slots: Range<Int>, intoStartOf ids: inout [UInt32]) -> UInt32 {
    var span = ids.mutableSpan
    return widen(slots, into: &span, at: 0)
  }

  private static func widen(
    _ columns: RawSpan, _ records: Int, _ width: Int, _ slots: Range<Int>,
    _ ids: inout MutableSpan<UInt32>, _ first: Int
  ) -> UInt32 {
    precondition(slots.lowerBound >= 0 && slots.upperBound <= records, "no such slots")
    let (low, high) = (slots.lowerBound, slots.upperBound)
    if width == 3 {
      return ColumnCodec.widen(
        columns.extracting(2 * low..<2 * high),
        columns.extracting(2 * records + low..<2 * records + high), into: &ids, at: first)
    }
    return ColumnCodec.widen(
      columns.extracting(width * low..<width * high), width: width, into: &ids, at: first)
  }
}
