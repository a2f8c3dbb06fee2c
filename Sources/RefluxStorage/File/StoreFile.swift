import RefluxBytes
package import RefluxFiles

/// One file of a store, mapped and checked as far as that needs no block.
package final class StoreFile: Sendable {
  let path: String
  package let file: MappedFile
  package let header: StoreHeader
  let dictionary: RankDictionary?
  package let trailer: StoreTrailer
  let index: StoreIndex
  /// Where the blocks of an unsealed file start, and where the last one ends; nil in sealed files.
  let scannedBlocks: [Int]?

  /// Opens the sealed file at `path`.
  ///
  /// - Parameters:
  ///   - kind: what the records must be; nil accepts both.
  ///   - other: another shard, whose dictionary may serve for this one too.
  /// - Throws: what `StoreHeader`, `RankDictionary` and `StoreTrailer` throw, `unfinished` where
  ///   only the partial file exists, and `wrongKind`.
  /// - Complexity: the same however long the file is; 4 bytes per id where there is a dictionary.
  init(path: String, kind: RecordKind?, like other: StoreFile? = nil) throws(StoreError) {
    let file = try Self.map(path)
    let header = try StoreHeader(file: file.bytes)
    try Self.check(header, kind)
    dictionary = try RankDictionary.read(file.bytes, header, like: other)
    let trailer = try StoreTrailer.read(file.bytes, header)
    index = StoreIndex(trailer, fileID: header.fileID)
    scannedBlocks = nil
    self.path = path
    self.file = file
    self.header = header
    self.trailer = trailer
  }

  /// Opens a file that is still being written, as far as its whole blocks go.
  ///
  /// - Parameter last: what an earlier look at the same file found; its blocks are not read again.
  /// - Throws: what the other initializer throws, except `unsealed`.
  init(following path: String, kind: RecordKind?, after last: StoreFile?) throws(StoreError) {
    let file = try Self.map(path)
    let header = try StoreHeader(file: file.bytes)
    try Self.check(header, kind)
    if let known = last?.dictionary {
      dictionary = known
    } else {
      dictionary = try RankDictionary.read(file.bytes, header)
    }
    var scanner = BlockScanner(file, header)
    var (starts, compressed): ([Int], Int) = ([], 0)
    if let last, last.header == header, let known = last.scannedBlocks,
      scanner.skip(to: known, records: last.trailer.records)
    {
      (starts, compressed) = (known.dropLast(), last.trailer.compressedBlocks)
    }
    while let block = scanner.next() {
      starts.append(block.offset)
      if block.header.codec != .raw { compressed += 1 }
    }
    var trailer = StoreTrailer()
    trailer.compressedBlocks = compressed
    (trailer.blocks, trailer.records) = (starts.count, scanner.recordsSeen)
    trailer.fileBytes = file.count
    trailer.indexOffset = scanner.offset
    scannedBlocks = starts + [scanner.offset]
    index = StoreIndex(trailer, fileID: header.fileID)
    self.path = path
    self.file = file
    self.header = header
    self.trailer = trailer
  }

  private static func check(_ header: StoreHeader, _ kind: RecordKind?) throws(StoreError) {
    if let kind, kind != header.kind {
      throw .wrongKind(expected: kind, found: header.kind)
    }
  }

  /// Maps a store's file; says so where only the partial one exists.
  static func map(_ path: String) throws(StoreError) -> MappedFile {
    do {
      return try MappedFile(path: path)
    } catch {
      if error.isMissing, FileSystem.exists(path: path + AtomicFile.partialSuffix) {
        throw .unfinished
      }
      throw .file(error)
    }
  }

  /// The records of block `number`.
  func records(inBlock number: Int) -> Range<Int> {
    let first = number * header.recordsPerBlock
    return first..<min(first + header.recordsPerBlock, trailer.records)
  }

  /// Looks at the heads of blocks, one in about a million records: for those whose memory grows
  /// with what the trailer says, which a file with holes says for nothing.
  ///
  /// - Throws: `damaged` where sixteen in a row are none: less is damage, which others have to
  ///   judge.
  func checkLength() throws(StoreError) {
    var (reader, missing) = (IndexReader(self), 0)
    let step = max(1, (1 << 20) / header.recordsPerBlock)
    for block in stride(from: 0, to: trailer.blocks, by: step) {
      do throws(StoreError) {
        _ = try check(block: block, &reader, isChecked: true)
        missing = 0
      } catch {
        missing += 1
        if missing == 16 { throw error }
      }
    }
  }

  /// Checks block `number` where it lies; see `BlockHeader.check`.
  ///
  /// - Parameter isChecked: that the checksum was right before and need not be computed again.
  package func check(
    block number: Int, _ reader: inout IndexReader, isChecked: Bool = false
  ) throws(StoreError) -> ScannedBlock {
    let file = file
    let bytes = file.bytes
    let extent = try reader.extent(ofBlock: number, in: bytes)
    do throws(StoreFault) {
      let header = try BlockHeader.check(
        bytes, offset: extent.lowerBound, end: extent.upperBound, block: number,
        records: records(inBlock: number).count, of: header, isChecked: isChecked)
      return ScannedBlock(offset: extent.lowerBound, header: header)
    } catch {
      throw .damaged(.block(number), offset: extent.lowerBound, error)
    }
  }
}
