import RefluxBytes
import RefluxFiles

/// Collects the records of one block in columns and encodes it (SPEC.md, section 4).
struct BlockAssembler: ~Copyable {
  let header: StoreHeader
  /// Records in the block so far.
  private(set) var count = 0
  private var raw: BlockBuffer
  private var encoded: BlockBuffer
  private let columns: [StoreColumn]

  init(_ header: StoreHeader) {
    self.header = header
    let limit = header.rawBytesLimit(records: header.recordsPerBlock)
    raw = BlockBuffer(capacity: limit)
    encoded = BlockBuffer(
      capacity: StoreLimits.blockHeaderBytes + StoreLimits.aligned(LZ4.compressedLimit(limit)))
    columns = StoreColumn.columns(of: header.schema)
  }

  var isFull: Bool { count == header.recordsPerBlock }

  /// Appends a sample set; its unused slots are zero.
  mutating func append(ids: Span<UInt32>, values: Span<UInt32>) {
    let length: InlineArray<1, UInt32> = [UInt32(ids.count)]
    store(length.span, field: 0)
    store(ids, field: 1)
    store(values, field: 2)
    count += 1
  }

  /// Appends as many tokens from `first` on as the block has room for, and returns how many.
  mutating func append(_ tokens: Span<UInt32>, from first: Int) -> Int {
    let part = min(tokens.count - first, header.recordsPerBlock - count)
    store(tokens.extracting(first..<first + part), field: 0)
    count += part
    return part
  }

  /// Stores elements of the next records; a column starts where it does in a full block.
  private mutating func store(_ values: Span<UInt32>, field: Int) {
    for column in columns where column.field == field {
      let start = column.prefix * header.recordsPerBlock + column.bytes * count
      raw.store(values, shift: column.shift, width: column.width, at: start)
    }
  }

  /// Encodes the block and empties the assembler.
  ///
  /// - Parameters:
  ///   - block: the block's number.
  ///   - documents: the slots at which documents start.
  /// - Returns: the block's header; `write` appends its bytes to a file.
  mutating func encode(block: Int, documents: [UInt32]) -> BlockHeader {
    let size = closeColumns(documents)
    var result = compress(size)
    result.block = block
    let end = StoreLimits.blockHeaderBytes + result.storedBytes
    let padding = [UInt8](repeating: 0, count: result.fileBytes - end)
    encoded.copy(padding.rawSpan, to: end)
    let prefix = result.encodedPrefix()
    var hash = XXH64(seed: header.seed(block: block))
    hash.update(prefix.rawSpan)
    hash.update(
      encoded.bytes(first: result.fileBytes)
        .extracting(droppingFirst: StoreLimits.blockHeaderBytes))
    result.checksum = hash.digest()
    encoded.copy(prefix.rawSpan, to: 0)
    var checksum = ByteWriter(capacity: 8)
    checksum.write(result.checksum)
    encoded.copy(checksum.bytes.rawSpan, to: prefix.count)
    raw.clear()
    count = 0
    return result
  }

  /// Appends the block that `encode` returned last to `file`.
  func write(_ block: BlockHeader, to file: inout AtomicFile) throws(FileError) {
    try file.write(encoded.bytes(first: block.fileBytes))
  }

  /// Closes the gaps that a short block leaves between its columns and appends the documents.
  private mutating func closeColumns(_ documents: [UInt32]) -> Int {
    var end = 0
    for column in columns {
      let start = column.prefix * header.recordsPerBlock
      let size = column.bytes * count
      if start != end { raw.move(from: start, to: end, count: size) }
      end += size
    }
    raw.store(documents.span, width: 4, at: end)
    return end + 4 * documents.count
  }

  /// LZ4 where it saves at least an eighth, else the bytes as they are.
  private mutating func compress(_ size: Int) -> BlockHeader {
    let start = StoreLimits.blockHeaderBytes
    let limit = size - size / 8
    let records = count
    if size > 8,
      let stored = LZ4.compress(raw, count: size, into: &encoded, at: start, limit: limit)
    {
      return BlockHeader(
        records: records, block: 0, storedBytes: stored, rawBytes: size, codec: .lz4)
    }
    encoded.copy(raw, count: size, to: start)
    return BlockHeader(records: records, block: 0, storedBytes: size, rawBytes: size, codec: .raw)
  }
}
