import RefluxBytes
import RefluxFiles

/// Writes the parts of a file in their order; both kinds of writer stand on it.
///
/// The partial file only ever grows by whole blocks, so that what a stopped writer leaves can be
/// followed, resumed or recovered.
final class StoreFileWriter {
  let header: StoreHeader
  private let path: String
  var encoder: BlockEncoder
  /// The fingerprint of the records so far; complete once the last block is written.
  var fingerprint: UInt64 = 0
  /// The records at which documents start.
  var documents: [Int] = []
  /// Records in the blocks that were written.
  private(set) var recordsInBlocks = 0
  private var offsets: [Int] = []
  private var compressedBlocks = 0
  private var file: AtomicFile?
  private var hasFailed = false

  /// Starts a new store in the partial file of `path`.
  init(
    path: String, header: StoreHeader, dictionary: RankDictionary?, level: Int, calls: FileCalls
  ) throws(StoreError) {
    self.header = header
    self.path = path
    encoder = BlockEncoder(header, level: level)
    var bytes = header.encoded()
    if let dictionary { bytes += dictionary.encoded(fileID: header.fileID) }
    file = try wrappingFileError { () throws(FileError) -> AtomicFile in
      var file = try AtomicFile(path: path, calls: calls)
      try file.write(bytes.rawSpan)
      return file
    }
  }

  /// Resumes after the whole blocks in the partial file of `path`.
  init(
    resuming path: String, header: StoreHeader, blocks: [ScannedBlock], end: Int, level: Int,
    calls: FileCalls
  ) throws(StoreError) {
    self.header = header
    self.path = path
    encoder = BlockEncoder(header, level: level)
    file = try wrappingFileError { () throws(FileError) -> AtomicFile in
      try AtomicFile.resume(path: path, count: end, calls: calls)
    }
    for block in blocks { count(block.header, at: block.offset) }
  }

  /// The number of the block that is written next.
  var nextBlock: Int { offsets.count }

  /// Checks that more can be written.
  ///
  /// - Throws: `writerFailed` once a write has failed.
  func checkUsable() throws(StoreError) {
    if hasFailed { throw .writerFailed }
    precondition(file != nil, "the store is sealed")
  }

  /// Lets nothing more be written.
  func refuse() { hasFailed = true }

  /// Appends the block that the encoder made last.
  func write(_ block: BlockHeader) throws(StoreError) {
    count(block, at: file?.count ?? 0)
    try write { (open) throws(FileError) in try encoder.write(block, to: &open) }
  }

  /// Writes index and trailer and gives the file its name.
  func seal() throws(StoreError) -> StoreSummary {
    try checkUsable()
    var trailer = StoreTrailer()
    trailer.records = recordsInBlocks
    trailer.blocks = offsets.count
    trailer.documents = documents.count
    trailer.compressedBlocks = compressedBlocks
    trailer.fingerprint = fingerprint
    trailer.indexOffset = file?.count ?? 0
    let index = StoreIndex.encoded(
      offsets: offsets, documents: documents, fileID: header.fileID)
    trailer.indexBytes = index.count
    trailer.fileBytes = trailer.indexOffset + index.count + StoreLimits.trailerBytes
    let tail = index + trailer.encoded(fileID: header.fileID)
    try write { (open) throws(FileError) in try open.write(tail.rawSpan) }
    try commit()
    return StoreSummary(
      records: trailer.records, documents: trailer.documents, blocks: trailer.blocks,
      fileBytes: trailer.fileBytes, fingerprint: trailer.fingerprint)
  }

  private func count(_ block: BlockHeader, at offset: Int) {
    offsets.append(offset)
    recordsInBlocks += block.records
    if block.codec != .raw { compressedBlocks += 1 }
  }

  /// Writes to the file; after a failure nothing more goes into it.
  private func write(
    _ body: (inout AtomicFile) throws(FileError) -> Void
  ) throws(StoreError) {
    guard var open = file.take() else { throw .writerFailed }
    do {
      try body(&open)
      file = consume open
    } catch {
      hasFailed = true
      throw .file(error)
    }
  }

  /// Removes the partial file, for a writer that cannot be resumed.
  func discard() {
    hasFailed = true
    if let open = file.take() { return (try? open.discard()) ?? () }
    // A failed write has let go of the file.
    if let left = try? AtomicFile.resume(path: path, count: 0) { try? left.discard() }
  }

  private func commit() throws(StoreError) {
    guard let last = file.take() else { throw .writerFailed }
    do {
      try last.commit()
    } catch {
      hasFailed = true
      throw .file(error)
    }
  }
}

/// What a sealed store holds, as its writer knows it.
public struct StoreSummary: Equatable, Sendable {
  /// Positions: tokens, or sample sets.
  public let records: Int
  /// Documents that were appended; 0 in sample stores.
  public let documents: Int
  /// Blocks that hold the records; all but the last are full.
  public let blocks: Int
  /// The size of the whole file.
  public let fileBytes: Int
  /// `TokenStore.fingerprint` or `SampleStore.fingerprint`.
  public let fingerprint: UInt64
}
