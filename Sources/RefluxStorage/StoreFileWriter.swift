import RefluxBytes
import RefluxFiles

/// Writes the parts of a store in their order; both kinds of writer stand on it.
///
/// The partial file only ever grows by whole blocks, so that what a stopped writer leaves can be
/// resumed or recovered.
final class StoreFileWriter {
  let header: StoreHeader
  private var assembler: BlockAssembler
  /// The content fingerprint so far.
  private var hash = XXH64()
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

  /// Appends ids of the vocabulary, as a new document or as a part of the last one.
  func append(ids: Span<UInt32>, startingDocument isNew: Bool) throws(StoreError) {
    if ids.isEmpty { return }
    if isNew {
      documents.append(recordCount)
      documentSlots.append(UInt32(assembler.count))
    }
    // Safe because a UInt32 has no padding.
    unsafe hash.update(ids.bytes)
    var first = 0
    while first < ids.count {
      first += assembler.append(ids, from: first)
      if assembler.isFull { try writeBlock() }
    }
  }

  /// Appends a sample set that obeys the rules.
  func append(ids: Span<UInt32>, values: Span<UInt32>) throws(StoreError) {
    hash.update(record: ids, values: values)
    assembler.append(ids: ids, values: values)
    if assembler.isFull { try writeBlock() }
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
