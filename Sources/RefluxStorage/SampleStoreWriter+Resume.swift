import RefluxBytes
import RefluxFiles

/// Going on with a store whose writer was stopped.
extension SampleStoreWriter {
  /// Resumes the partial file of `path`, or starts a new one where there is none.
  ///
  /// Keeps the whole full blocks that the file holds and cuts off the rest; `recordCount` then says
  /// at which position to go on.
  /// Throws what `init` throws, `differentPartial` where the partial file was begun with other
  /// settings, and `damaged` where one of its records breaks a rule.
  /// Cost: decodes the whole partial file once, to check it and to go on with its fingerprint.
  public static func resume(
    path: String, vocabularySize: Int, capacity: Int, weighted: Bool,
    provenance: StoreProvenance
  ) throws(StoreError) -> SampleStoreWriter {
    try resume(
      path: path, vocabularySize: vocabularySize, capacity: capacity, weighted: weighted,
      provenance: provenance, recordsPerBlock: nil)
  }

  package static func resume(
    path: String, vocabularySize: Int, capacity: Int, weighted: Bool,
    provenance: StoreProvenance, recordsPerBlock: Int?
  ) throws(StoreError) -> SampleStoreWriter {
    let partial = path + AtomicFile.partialSuffix
    let expected = try StoreHeader.samples(
      vocabularySize: vocabularySize, capacity: capacity, weighted: weighted,
      provenance: provenance, fileID: 0, recordsPerBlock: recordsPerBlock)
    let start = { () throws(StoreError) in
      try SampleStoreWriter(
        path: path, vocabularySize: vocabularySize, capacity: capacity, weighted: weighted,
        provenance: provenance, fileID: .random(in: 0 ... .max),
        recordsPerBlock: recordsPerBlock)
    }
    guard FileSystem.exists(path: partial) else { return try start() }
    let file = try wrappingFileError { () throws(FileError) in try MappedFile(path: partial) }
    let header: StoreHeader
    do throws(StoreError) {
      header = try StoreHeader(file: file.bytes)
    } catch .empty, .damaged(.header, _, .cut) {
      // A writer that was stopped inside its header has written nothing worth keeping.
      return try start()
    }
    try header.checkSame(as: expected)
    return try resume(path: path, file: file, header: header)
  }

  private static func resume(
    path: String, file: MappedFile, header: StoreHeader
  ) throws(StoreError) -> SampleStoreWriter {
    var scanner = BlockScanner(file, header)
    var blocks: [ScannedBlock] = []
    var decoder = SampleBlockDecoder(header)
    var hash = XXH64()
    var end = scanner.offset
    while let block = scanner.next(), block.header.records == header.recordsPerBlock {
      do throws(StoreFault) {
        try decoder.decode(file, block) { ids, values in
          hash.update(record: ids, values: values)
        }
      } catch {
        throw .damaged(.block(block.header.block), offset: block.offset, error)
      }
      blocks.append(block)
      end = scanner.offset
    }
    return SampleStoreWriter(
      try StoreFileWriter(
        resuming: path, header: header, blocks: blocks, end: end, hash: hash))
  }
}

extension StoreHeader {
  /// Throws `differentPartial` naming the first setting in which two headers differ; file ids do
  /// not count.
  func checkSame(as expected: StoreHeader) throws(StoreError) {
    let (mine, other) = (provenance, expected.provenance)
    let settings: [(String, String, String)] = [
      ("records of kind", "\(expected.kind)", "\(kind)"),
      ("a vocabulary of", "\(expected.vocabularySize)", "\(vocabularySize)"),
      ("a capacity of", "\(expected.capacity)", "\(capacity)"),
      ("the value field", expected.schema.fields.last?.name ?? "", schema.fields.last?.name ?? ""),
      ("tokenizer", hexadecimal(other.tokenizerHash), hexadecimal(mine.tokenizerHash)),
      ("tokens", hexadecimal(other.tokensHash), hexadecimal(mine.tokensHash)),
      ("teacher", other.teacher, mine.teacher),
      ("estimator", other.estimator, mine.estimator),
      ("rounds", "\(other.rounds)", "\(mine.rounds)"),
      ("tau", "\(other.tau)", "\(mine.tau)"),
      ("seed", "\(other.seed)", "\(mine.seed)"),
      ("a context length of", "\(other.contextLength)", "\(mine.contextLength)"),
      ("a stride of", "\(other.stride)", "\(mine.stride)"),
      ("records per block", "\(expected.recordsPerBlock)", "\(recordsPerBlock)"),
    ]
    for (name, expected, found) in settings where expected != found {
      throw .differentPartial(name, expected: expected, found: found)
    }
  }
}
