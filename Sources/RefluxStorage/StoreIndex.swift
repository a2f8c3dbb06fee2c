import RefluxBytes

/// Where the index of a sealed store lies; its numbers are read from the map when they are needed,
/// so that opening costs no memory (SPEC.md, section 6).
struct StoreIndex {
  let offset: Int
  let blocks: Int
  let documents: Int

  /// The bytes of an index.
  static func encoded(offsets: [Int], documents: [Int], fileID: UInt64) -> [UInt8] {
    var writer = ByteWriter(capacity: 32 + 8 * (offsets.count + documents.count))
    writer.write(StoreLimits.indexMagic)
    writer.write(UInt32(0))
    writer.write(UInt64(offsets.count))
    writer.write(UInt64(documents.count))
    for offset in offsets { writer.write(UInt64(offset)) }
    for document in documents { writer.write(UInt64(document)) }
    let bytes = writer.bytes
    writer.write(XXH64.hash(bytes.rawSpan, seed: fileID))
    return writer.bytes
  }

  /// Checks the index that a valid trailer names.
  ///
  /// Cost: one pass over the index. Throws `damaged(.index, ...)`.
  init(_ file: RawSpan, _ header: StoreHeader, _ trailer: StoreTrailer) throws(StoreError) {
    offset = trailer.indexOffset
    blocks = trailer.blocks
    documents = trailer.documents
    let bytes = file.extracting(offset..<offset + trailer.indexBytes)
    let end = trailer.indexBytes - 8
    let stored = bytes.littleEndianUInt64(at: end)
    let found = XXH64.hash(bytes.extracting(first: end), seed: header.fileID)
    guard stored == found else {
      throw .damaged(.index, offset: offset, .checksum(expected: stored, found: found))
    }
    let start = [UInt8](bytes.extracting(first: StoreLimits.indexFixedBytes))
    var expected = ByteWriter()
    expected.write(StoreLimits.indexMagic)
    expected.write(UInt32(0))
    expected.write(UInt64(blocks))
    expected.write(UInt64(documents))
    guard start == expected.bytes else {
      throw fault(0, "magic or count", expected: "that of the trailer", found: "another")
    }
    try checkOffsets(file, header)
    try checkDocuments(file, records: trailer.records)
  }

  /// Where block `number` starts; `number == blocks` gives the end of the last one.
  func start(ofBlock number: Int, in file: RawSpan) -> Int {
    if number == blocks { return offset }
    let position = offset + StoreLimits.indexFixedBytes + 8 * number
    return Int(clamping: file.littleEndianUInt64(at: position))
  }

  /// The first record of document `number`.
  func document(_ number: Int, in file: RawSpan) -> Int {
    let position = offset + StoreLimits.indexFixedBytes + 8 * (blocks + number)
    return Int(clamping: file.littleEndianUInt64(at: position))
  }

  /// Blocks lie one after the other between header and index.
  private func checkOffsets(_ file: RawSpan, _ header: StoreHeader) throws(StoreError) {
    var end = header.encodedBytes
    for block in 0...blocks {
      let start = start(ofBlock: block, in: file)
      let isInPlace = block == 0 ? start == end : start >= end && start <= offset
      guard isInPlace, start % 8 == 0 else {
        let position = StoreLimits.indexFixedBytes + 8 * block
        throw fault(position, "offset of block \(block)", expected: "\(end)", found: "\(start)")
      }
      end = start + StoreLimits.blockHeaderBytes
    }
  }

  /// The first document starts at record 0, each other one later than the one before it.
  private func checkDocuments(_ file: RawSpan, records: Int) throws(StoreError) {
    var least = 0
    for number in 0..<documents {
      let start = document(number, in: file)
      let isInPlace = number == 0 ? start == 0 : start >= least
      guard isInPlace, start < records else {
        let position = StoreLimits.indexFixedBytes + 8 * (blocks + number)
        throw fault(
          position, "start of document \(number)", expected: "\(least) or more, below \(records)",
          found: "\(start)")
      }
      least = start + 1
    }
  }

  private func fault(
    _ position: Int, _ name: String, expected: String, found: String
  ) -> StoreError {
    .damaged(.index, offset: offset + position, .field(name, expected: expected, found: found))
  }
}
