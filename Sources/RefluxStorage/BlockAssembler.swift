import RefluxBytes
import RefluxFiles

/// Collects the records of one block in columns and encodes it (SPEC.md, section 4).
struct BlockAssembler: ~Copyable {
  let header: StoreHeader
  /// Records in the block so far.
  private(set) var count = 0
  private var raw: BlockBuffer
  private var encoded: BlockBuffer
  /// Where each column starts while the block has room for `recordsPerBlock` records.
  private let columns: [Int]

  init(_ header: StoreHeader) {
    self.header = header
    let limit = header.rawBytesLimit(records: header.recordsPerBlock)
    raw = BlockBuffer(capacity: limit)
    encoded = BlockBuffer(
      capacity: StoreLimits.blockHeaderBytes + StoreLimits.aligned(LZ4.compressedLimit(limit)))
    var columns: [Int] = []
    var start = 0
    for field in header.schema.fields {
      columns.append(start)
      start += field.bytes * header.recordsPerBlock
    }
    self.columns = columns
  }

  var isFull: Bool { count == header.recordsPerBlock }

  /// Stores one element of the record that `endRecord` will end; what is not stored is zero.
  mutating func store(_ value: UInt32, field: Int, element: Int = 0) {
    let schema = header.schema.fields[field]
    let slot = columns[field] + count * schema.bytes
    raw.store(value, width: schema.width, at: slot + element * schema.width)
  }

  mutating func endRecord() {
    count += 1
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
    for offset in end..<result.fileBytes { encoded.store(0, width: 1, at: offset) }
    let prefix = result.encodedPrefix()
    var hash = XXH64(seed: header.seed(block: block))
    hash.update(prefix.rawSpan)
    hash.update(
      encoded.bytes(first: result.fileBytes)
        .extracting(droppingFirst: StoreLimits.blockHeaderBytes))
    result.checksum = hash.digest()
    encoded.copy(prefix.rawSpan, to: 0)
    encoded.store(UInt32(truncatingIfNeeded: result.checksum), width: 4, at: 32)
    encoded.store(UInt32(truncatingIfNeeded: result.checksum >> 32), width: 4, at: 36)
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
    for (field, start) in zip(header.schema.fields, columns) {
      let size = field.bytes * count
      if start != end { raw.move(from: start, to: end, count: size) }
      end += size
    }
    for document in documents {
      raw.store(document, width: 4, at: end)
      end += 4
    }
    return end
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
