import RefluxBytes
import RefluxFiles

/// Turns columns and packed payloads into blocks (SPEC.md, section 5.1).
struct BlockEncoder: ~Copyable {
  /// The columns of the block that is being filled.
  var columns: BlockBuffer
  private var encoded: BlockBuffer
  private let header: StoreHeader
  private let level: Int

  /// - Parameter level: 0 for LZ4's fast mode, 1 to 12 for its slower ones.
  init(_ header: StoreHeader, level: Int) {
    self.header = header
    self.level = level
    let limit = header.rawBytesLimit(records: header.recordsPerBlock)
    columns = BlockBuffer(capacity: limit)
    encoded = BlockBuffer(
      capacity: StoreLimits.blockHeaderBytes + StoreLimits.aligned(LZ4.compressedLimit(limit))
        + PackedLayout.reservedBytes)
  }

  /// Encodes the first `size` bytes of `columns`: with LZ4 where that saves at least an eighth,
  /// else as they are.
  mutating func encode(
    _ size: Int, records: Int, block: Int, tokensHash: UInt64 = 0
  ) -> BlockHeader {
    let start = StoreLimits.blockHeaderBytes
    var result = BlockHeader(
      records: records, block: block, storedBytes: size, rawBytes: size, codec: .raw,
      tokensHash: tokensHash)
    let limit = size - size / 8
    if size > 8,
      let stored = LZ4.compress(
        columns, count: size, into: &encoded, at: start, limit: limit, level: level)
    {
      (result.storedBytes, result.codec) = (stored, .lz4)
    } else {
      encoded.copy(columns, count: size, to: start)
    }
    seal(&result)
    return result
  }

  /// Encodes a packed block if it is smaller than its columns of `size` bytes; else nil.
  mutating func encode(
    _ sets: borrowing SampleBlock, with packer: inout PackedEncoder, columns size: Int, block: Int,
    tokensHash: UInt64
  ) -> BlockHeader? {
    let stored = packer.plan(sets)
    guard stored < size else { return nil }
    packer.write(sets, to: &encoded, at: StoreLimits.blockHeaderBytes)
    var result = BlockHeader(
      records: sets.count, block: block, storedBytes: stored, rawBytes: size, codec: .packed,
      tokensHash: tokensHash)
    seal(&result)
    return result
  }

  /// Fills the block up to a multiple of eight and puts the header before it.
  private mutating func seal(_ result: inout BlockHeader) {
    let end = StoreLimits.blockHeaderBytes + result.storedBytes
    encoded.clear(end..<result.fileBytes)
    let prefix = result.encodedPrefix()
    encoded.copy(prefix.rawSpan, to: 0)
    var hash = XXH64(seed: header.seed(block: result.block))
    hash.update(prefix.rawSpan)
    hash.update(
      encoded.bytes(first: result.fileBytes)
        .extracting(droppingFirst: StoreLimits.blockHeaderBytes))
    result.checksum = hash.digest()
    var checksum = ByteWriter(capacity: 8)
    checksum.write(result.checksum)
    encoded.copy(checksum.bytes.rawSpan, to: prefix.count)
  }

  /// Appends the block that was encoded last to `file`.
  func write(_ block: BlockHeader, to file: inout AtomicFile) throws(FileError) {
    try file.write(encoded.bytes(first: block.fileBytes))
  }
}
