import RefluxBytes
import RefluxFiles

/// What a stopped writer left, as far as it can be resumed.
struct PartialFile {
  let file: MappedFile
  let header: StoreHeader
  let dictionary: RankDictionary?

  /// The partial file of `path`; nil where there is none, or none that is worth keeping.
  ///
  /// - Throws: `differentPartial` where it was begun with other settings than `expected`.
  init?(of path: String, expected: StoreHeader) throws(StoreError) {
    let partial = path + AtomicFile.partialSuffix
    guard FileSystem.exists(path: partial) else { return nil }
    let file = try wrappingFileError { () throws(FileError) in try MappedFile(path: partial) }
    do throws(StoreError) {
      header = try StoreHeader(file: file.bytes)
      dictionary = try RankDictionary.read(file.bytes, header)
    } catch .empty, .damaged(.header, _, .cut), .damaged(.dictionary, _, .cut) {
      // A writer that was stopped this early has written no record.
      return nil
    }
    self.file = file
    try header.checkResumable(as: expected)
  }

  /// The full blocks and where the last of them ends.
  ///
  /// - Parameter decode: takes over each block; what it throws is thrown as `damaged`.
  func fullBlocks(
    _ decode: (ScannedBlock) throws(StoreFault) -> Void
  ) throws(StoreError) -> (blocks: [ScannedBlock], end: Int) {
    var scanner = BlockScanner(file, header)
    var blocks: [ScannedBlock] = []
    var end = scanner.offset
    while let block = scanner.next(), block.header.records == header.recordsPerBlock {
      do throws(StoreFault) {
        try decode(block)
      } catch {
        throw .damaged(.block(block.header.block), offset: block.offset, error)
      }
      blocks.append(block)
      end = scanner.offset
    }
    return (blocks, end)
  }
}
