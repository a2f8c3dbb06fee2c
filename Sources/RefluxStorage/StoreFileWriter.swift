import RefluxBytes
import RefluxFiles

/// Writes the parts of a store in their order; both kinds of writer stand on it.
///
/// The partial file only ever grows by whole blocks, so that what a stopped writer leaves can be
/// resumed or recovered.
final class StoreFileWriter {
  let header: StoreHeader
  var assembler: BlockAssembler
  /// The content fingerprint so far.
  var hash = XXH64()
  private(set) var documents: [Int] = []
  private var documentSlots: [UInt32] = []
  private var offsets: [Int] = []
  private var compressedBlocks = 0
  private var recordsInBlocks = 0
  private var file: AtomicFile?
  private var hasFailed = false

  /// Starts a new store in the partial file of `path`.
  init(
    path: String, header: StoreHeader, calls: FileCalls = .system
  ) throws(StoreError) {
    self.header = header
    assembler = BlockAssembler(header)
    let bytes = header.encoded()
    file = try wrappingFileError { () throws(FileError) -> AtomicFile in
      var file = try AtomicFile(path: path, calls: calls)
      try file.write(bytes.rawSpan)
      return file
    }
  }

  /// Goes on after the whole blocks in the partial file of `path`.
  init(
    resuming path: String, header: StoreHeader, blocks: [ScannedBlock], end: Int,
    hash: XXH64, calls: FileCalls = .system
  ) throws(StoreError) {
    self.header = header
    self.hash = hash
    assembler = BlockAssembler(header)
    file = try wrappingFileError { () throws(FileError) -> AtomicFile in
      try AtomicFile.resume(path: path, count: end, calls: calls)
    }
    for block in blocks { count(block.header, at: block.offset) }
  }

  /// Records so far, also those of the block that is not full yet.
  var recordCount: Int { recordsInBlocks + assembler.count }

  /// Marks the next record as the first one of a document.
  func startDocument() {
    documents.append(recordCount)
    documentSlots.append(UInt32(assembler.count))
  }

  /// Ends the record whose elements are in the assembler; writes the block when it is full.
  func endRecord() throws(StoreError) {
    assembler.endRecord()
    if assembler.isFull { try writeBlock() }
  }

  /// Appends a sample set that obeys the rules.
  func append(ids: [UInt32], values: [UInt32]) throws(StoreError) {
    hash.update(record: ids.span, values: values.span)
    assembler.store(UInt32(ids.count), field: 0)
    for index in ids.indices {
      assembler.store(ids[index], field: 1, element: index)
      assembler.store(values[index], field: 2, element: index)
    }
    try endRecord()
  }

  /// Throws `writerFailed` once a write has failed.
  func checkUsable() throws(StoreError) {
    if hasFailed { throw .writerFailed }
    precondition(file != nil, "the store is sealed")
  }

  /// Writes the last block, index and trailer, and gives the file its name.
  func seal() throws(StoreError) -> StoreSummary {
    try checkUsable()
    if assembler.count > 0 { try writeBlock() }
    var trailer = StoreTrailer()
    trailer.records = recordsInBlocks
    trailer.blocks = offsets.count
    trailer.documents = documents.count
    trailer.compressedBlocks = compressedBlocks
    trailer.fingerprint = hash.digest()
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

  private func writeBlock() throws(StoreError) {
    let block = assembler.encode(block: offsets.count, documents: documentSlots)
    count(block, at: file?.count ?? 0)
    documentSlots.removeAll(keepingCapacity: true)
    try write { (open) throws(FileError) in try assembler.write(block, to: &open) }
  }

  private func count(_ block: BlockHeader, at offset: Int) {
    offsets.append(offset)
    recordsInBlocks += block.records
    if block.codec == .lz4 { compressedBlocks += 1 }
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
