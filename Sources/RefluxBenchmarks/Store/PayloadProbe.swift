internal import RefluxBytes
internal import RefluxFiles
internal import RefluxStorage

/// The payloads of a plain store for those who measure: liblz4's bare calls over the very blocks
/// that a reader decodes, without checksums, columns and rules. Belongs to one thread.
final class PayloadProbe {
  /// The columns of one block, decoded.
  private final class Columns {
    var buffer: BlockBuffer
    init(capacity: Int) { buffer = BlockBuffer(capacity: capacity) }
  }

  private let file: MappedFile
  private let blocks: [ScannedBlock]
  private var target: BlockBuffer
  private var columns: [Columns] = []

  /// Takes over the blocks of `store`, each of them checked; so every page of the file has been
  /// touched. Traps where one is packed: such blocks hold nothing for liblz4.
  ///
  /// - Complexity: one pass over the file.
  init(_ samples: SampleStore) throws(StoreError) {
    let store = samples.store.shards[0]
    var reader = IndexReader(store)
    var blocks: [ScannedBlock] = []
    for number in 0..<store.trailer.blocks {
      blocks.append(try store.check(block: number, &reader))
    }
    precondition(blocks.allSatisfy { $0.header.codec != .packed }, "a probe takes a plain store")
    file = store.file
    self.blocks = blocks
    let largest = blocks.map(\.header.rawBytes).max() ?? 0
    target = BlockBuffer(capacity: LZ4.compressedLimit(largest))
  }

  /// The number of blocks.
  var count: Int { blocks.count }
  /// The blocks that LZ4 made smaller; the others are stored as they are.
  var compressedCount: Int { blocks.count { $0.header.codec == .lz4 } }
  /// The sum of the payloads decoded.
  var rawBytes: Int { blocks.reduce(0) { $0 + $1.header.rawBytes } }

  /// Decodes one payload: `LZ4_decompress_safe`, or `memcpy` where it is stored as it is.
  ///
  /// - Returns: a byte of the result.
  func decompress(_ block: Int) -> UInt64 {
    decode(blocks[block], into: &target)
    return last(of: target, blocks[block])
  }

  /// Decodes every payload into memory of its own, for `compress`.
  func decompressAll() {
    columns = blocks.map { block in
      let columns = Columns(capacity: block.header.rawBytes)
      decode(block, into: &columns.buffer)
      return columns
    }
  }

  /// Compresses one payload that `decompressAll` decoded: `LZ4_compress_default` at level 0, else
  /// `LZ4_compress_HC`.
  ///
  /// - Returns: the compressed size.
  func compress(_ block: Int, level: Int) -> UInt64 {
    let size = LZ4.compress(
      columns[block].buffer, count: blocks[block].header.rawBytes, into: &target, at: 0,
      limit: target.capacity, level: level)
    return UInt64(size ?? 0)
  }

  private func decode(_ block: ScannedBlock, into target: inout BlockBuffer) {
    let start = block.offset + StoreLimits.blockHeaderBytes
    let file = file
    let stored = file.bytes.extracting(start..<start + block.header.storedBytes)
    if block.header.codec == .lz4 {
      let isWhole = LZ4.decompress(stored, into: &target, count: block.header.rawBytes)
      precondition(isWhole, "a checked block decodes")
    } else {
      target.copy(stored, to: 0)
    }
  }

  private func last(of target: borrowing BlockBuffer, _ block: ScannedBlock) -> UInt64 {
    let bytes = target.bytes(first: block.header.rawBytes)
    return UInt64(bytes.byte(at: bytes.byteCount - 1))
  }
}
