import RefluxBytes
import RefluxFiles

/// A whole block found in a file.
package struct ScannedBlock {
  package var offset: Int
  package var header: BlockHeader
}

/// Finds whole blocks in a file without trusting its index: for files that have none.
struct BlockScanner: ~Copyable {
  let file: MappedFile
  let header: StoreHeader
  /// Where the next block should start.
  private(set) var offset: Int
  /// The number that it should have.
  private(set) var block = 0
  /// Records up to the end of the last whole block that was met, those of damaged ones included.
  private(set) var recordsSeen = 0
  /// Why the block at `offset` was not taken, once `next` has returned nil.
  private(set) var fault: StoreFault?
  /// Where the blocks end: at the index, if a trailer says where that is.
  private let end: Int
  /// Whether the last block was short of a full one, so that nothing may follow it.
  private(set) var isComplete = false
  /// Bytes that may still be hashed in vain, so that no file makes the search endless.
  private var patience: Int

  init(_ file: MappedFile, _ header: StoreHeader) {
    self.file = file
    self.header = header
    offset = header.firstBlock
    patience = 4 * file.count
    end = Self.end(file, header)
  }

  /// The block at `offset` if it is whole, else nil with the reason in `fault`.
  mutating func next() -> ScannedBlock? {
    let file = file
    do throws(StoreFault) {
      if offset >= end { throw .cut(needed: StoreLimits.blockHeaderBytes, available: 0) }
      if isComplete {
        throw .field("block after a short one", expected: "none", found: "\(block)")
      }
      let found = try BlockHeader.check(
        file.bytes, offset: offset, end: nil, block: block, records: nil, of: header)
      let result = ScannedBlock(offset: offset, header: found)
      offset += found.fileBytes
      recordsSeen = block * header.recordsPerBlock + found.records
      block += 1
      isComplete = found.records < header.recordsPerBlock
      return result
    } catch {
      fault = error
      return nil
    }
  }

  /// Whether the blocks end here, in front of an index or at the end of the file.
  var isAtEnd: Bool { offset >= end }

  /// Continues after blocks that were found before: where each starts, and where the last one ends.
  ///
  /// False, with nothing skipped, where a writer that resumes may have cut them off: it keeps full
  /// blocks only.
  mutating func skip(to known: [Int], records: Int) -> Bool {
    guard let last = known.last, last <= end,
      records == (known.count - 1) * header.recordsPerBlock
    else { return false }
    (offset, block, recordsSeen) = (last, known.count - 1, records)
    return true
  }

  private static func end(_ file: MappedFile, _ header: StoreHeader) -> Int {
    do throws(StoreError) {
      return try StoreTrailer.read(file.bytes, header).indexOffset
    } catch {
      return file.count
    }
  }

  /// Moves to the next place, after the damaged one, at which a whole block of a higher number
  /// starts; false if there is none.
  mutating func skipDamage() -> Bool {
    let file = file
    let bytes = file.bytes
    var candidate = offset + 8
    while candidate + StoreLimits.blockHeaderBytes <= file.count, patience > 0 {
      if bytes.littleEndianUInt32(at: candidate) == StoreLimits.blockMagic,
        let number = Int(exactly: bytes.littleEndianUInt64(at: candidate + 8)), number > block
      {
        if isWhole(bytes, candidate, number) {
          (offset, block) = (candidate, number)
          return true
        }
        patience -= StoreLimits.blockHeaderBytes + Int(bytes.littleEndianUInt32(at: candidate + 16))
      }
      candidate += 8
    }
    return false
  }

  private func isWhole(_ bytes: RawSpan, _ offset: Int, _ number: Int) -> Bool {
    do throws(StoreFault) {
      _ = try BlockHeader.check(
        bytes, offset: offset, end: nil, block: number, records: nil, of: header)
      return true
    } catch {
      return false
    }
  }
}
