import RefluxBytes

/// The last bytes of a sealed store (SPEC.md, section 8).
package struct StoreTrailer: Equatable {
  package var records = 0
  package var blocks = 0
  var documents = 0
  /// Blocks whose codec is not 0.
  package var compressedBlocks = 0
  package var indexOffset = 0
  package var indexBytes = 0
  package var fingerprint: UInt64 = 0
  /// The size of the whole file.
  package var fileBytes = 0

  package func encoded(fileID: UInt64) -> [UInt8] {
    var writer = ByteWriter(capacity: StoreLimits.trailerBytes)
    for number in [records, blocks, documents, compressedBlocks, indexOffset, indexBytes] {
      writer.write(UInt64(number))
    }
    writer.write(fingerprint)
    writer.write(UInt64(fileBytes))
    let bytes = writer.bytes
    writer.write(XXH64.hash(bytes.rawSpan, seed: fileID))
    writer.write(StoreLimits.endMagic)
    return writer.bytes
  }

  /// Reads and checks the trailer at the end of `file`, which starts with `header`.
  ///
  /// - Throws: `unsealed` where the end magic is missing, otherwise `damaged(.trailer, ...)`.
  static func read(_ file: RawSpan, _ header: StoreHeader) throws(StoreError) -> StoreTrailer {
    let start = file.byteCount - StoreLimits.trailerBytes
    guard start >= header.firstBlock else { throw .unsealed }
    let bytes = file.extracting(start..<file.byteCount)
    guard [UInt8](bytes.extracting(72..<80)) == StoreLimits.endMagic else { throw .unsealed }
    let stored = bytes.littleEndianUInt64(at: 64)
    let found = XXH64.hash(bytes.extracting(first: 64), seed: header.fileID)
    guard stored == found else {
      throw .damaged(.trailer, offset: start, .checksum(expected: stored, found: found))
    }
    var numbers: [Int] = []
    for offset in stride(from: 0, to: 64, by: 8) where offset != 48 {
      numbers.append(Int(clamping: bytes.littleEndianUInt64(at: offset)))
    }
    let trailer = StoreTrailer(
      records: numbers[0], blocks: numbers[1], documents: numbers[2],
      compressedBlocks: numbers[3], indexOffset: numbers[4], indexBytes: numbers[5],
      fingerprint: bytes.littleEndianUInt64(at: 48), fileBytes: numbers[6])
    try trailer.check(file, header)
    return trailer
  }

  /// Each number against the file's size, before any of them is multiplied.
  private func check(_ file: RawSpan, _ header: StoreHeader) throws(StoreError) {
    let start = file.byteCount - StoreLimits.trailerBytes
    func check(
      _ field: Int, _ name: String, _ value: Int, in range: ClosedRange<Int>
    ) throws(StoreError) {
      if range.contains(value) { return }
      let (low, high) = (range.lowerBound, range.upperBound)
      throw .damaged(
        .trailer, offset: start + field,
        .field(name, expected: low == high ? "\(low)" : "\(low) to \(high)", found: "\(value)"))
    }
    let first = header.firstBlock
    try check(56, "file size", fileBytes, in: file.byteCount...file.byteCount)
    try check(32, "index offset", indexOffset, in: first...start)
    try check(40, "index length", indexBytes, in: start - indexOffset...start - indexOffset)
    let mostBlocks = (indexOffset - first) / StoreLimits.blockHeaderBytes
    try check(8, "block count", blocks, in: 0...mostBlocks)
    let mostNumbers = indexBytes / 8
    try check(16, "document count", documents, in: 0...mostNumbers)
    // Only a file of exabytes, mostly holes, could have this many blocks.
    try check(8, "block count", blocks, in: 0...StoreLimits.maximumBlocks)
    let mostRecords = blocks * header.recordsPerBlock
    let leastRecords = blocks == 0 ? 0 : mostRecords - header.recordsPerBlock + 1
    try check(0, "record count", records, in: leastRecords...mostRecords)
    let mostDocuments = header.kind == .tokens ? records : 0
    // A shard may begin and end within one document.
    let leastDocuments = header.firstPosition > 0 ? 0 : min(1, mostDocuments)
    try check(16, "document count", documents, in: leastDocuments...mostDocuments)
    try check(24, "compressed block count", compressedBlocks, in: 0...blocks)
    let index = StoreIndex.encodedBytes(numbers: blocks + documents)
    try check(40, "index length", indexBytes, in: index...index)
  }
}
