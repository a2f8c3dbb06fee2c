import RefluxBytes
package import RefluxFiles

/// Writes a token store: documents one after the other, then `seal`.
///
/// Until then everything stands in `path + ".partial"`; after an error or the end of the process,
/// `resume` continues it. Belongs to one thread.
public final class TokenStoreWriter {
  private let writer: StoreFileWriter
  private let header: StoreHeader
  /// Ids in the block that is being filled, and the slots in it at which documents start.
  private var slots = 0
  private var documentSlots: [UInt32] = []
  /// Records of a resumed file that are still to be passed over, and their fingerprint so far.
  private var replay = 0..<0
  private var replayed: UInt64 = 0
  /// Documents of the resumed file that were met again.
  private var replayedDocuments = 0

  /// Starts a token store, replacing an abandoned partial file.
  ///
  /// - Parameter path: where the store appears when it is sealed.
  /// - Throws: `configuration`, or `file` where the partial file cannot be written.
  public convenience init(
    path: String, configuration: TokenStoreConfiguration
  ) throws(StoreError) {
    try self.init(path: path, configuration: configuration, fileID: .random(in: 0 ... .max))
  }

  package init(
    path: String, configuration: TokenStoreConfiguration, fileID: UInt64,
    calls: FileCalls = .system
  ) throws(StoreError) {
    header = try StoreHeader.tokens(configuration, fileID: fileID)
    writer = try StoreFileWriter(
      path: path, header: header, dictionary: nil, level: configuration.level, calls: calls)
  }

  private init(_ writer: StoreFileWriter) {
    self.writer = writer
    header = writer.header
  }

  /// Resumes the partial file of `path`, or starts a new one where there is none.
  ///
  /// Keeps the full blocks that the file holds and cuts off the rest. All documents are then
  /// appended again from the first one on: the writer passes over what it holds, and checks that it
  /// is the same.
  ///
  /// - Throws: what `init` throws, `differentPartial` where the partial file was begun with other
  ///   settings, and `damaged` where one of its records breaks a rule.
  /// - Complexity: decodes the whole partial file once.
  public static func resume(
    path: String, configuration: TokenStoreConfiguration
  ) throws(StoreError) -> TokenStoreWriter {
    let expected = try StoreHeader.tokens(configuration, fileID: 0)
    guard let partial = try PartialFile(of: path, expected: expected) else {
      return try TokenStoreWriter(path: path, configuration: configuration)
    }
    var decoder = TokenBlockDecoder(partial.header)
    var documents: [Int] = []
    var fingerprint: UInt64 = 0
    let found = try partial.fullBlocks { (block) throws(StoreFault) in
      try decoder.decode(partial.file, block)
      let first = block.header.block * partial.header.recordsPerBlock
      documents += decoder.documentSlots.map { first + $0 }
      fingerprint &+= TokenHash.sum(
        decoder.ids.span, position: partial.header.firstPosition + first)
    }
    let writer = try StoreFileWriter(
      resuming: path, header: partial.header, blocks: found.blocks, end: found.end,
      level: configuration.level, calls: .system)
    (writer.documents, writer.fingerprint) = (documents, fingerprint)
    let result = TokenStoreWriter(writer)
    result.replay = 0..<writer.recordsInBlocks
    return result
  }

  /// Removes the partial file.
  func discard() { writer.discard() }

  /// The fingerprint of the tokens so far.
  var fingerprint: UInt64 { writer.fingerprint }
  /// Tokens so far.
  public var recordCount: Int { writer.recordsInBlocks + slots }
  /// Documents so far.
  public var documentCount: Int { writer.documents.count }
  /// Tokens of a resumed store that are still to be appended again.
  public var tokensToReplay: Int { replay.count }

  /// Appends the ids of one document; an empty document leaves no trace.
  ///
  /// - Throws: `refused` before anything is written if an id is outside the vocabulary, `file`
  ///   where the system refuses, `writerFailed` after that, and `differentPartial` where a resumed
  ///   store is given other tokens than it holds.
  /// - Complexity: one write of about 64 KiB per full block.
  public func append(document: Span<UInt32>) throws(StoreError) {
    try writer.checkUsable()
    try checkIDs(document)
    try append(document, startingDocument: true)
  }

  /// Appends the ids of one document; see the overload for spans.
  public func append(document: [UInt32]) throws(StoreError) {
    try append(document: document.span)
  }

  /// Appends ids of the vocabulary, as a new document or as a part of the last one.
  func append(_ ids: Span<UInt32>, startingDocument isNew: Bool) throws(StoreError) {
    if ids.isEmpty { return }
    let passed = try pass(ids, startingDocument: isNew)
    if passed == ids.count { return }
    if isNew && passed == 0 {
      writer.documents.append(recordCount)
      documentSlots.append(UInt32(slots))
    }
    var first = passed
    while first < ids.count {
      let part = min(ids.count - first, header.recordsPerBlock - slots)
      let piece = ids.extracting(first..<first + part)
      store(piece)
      writer.fingerprint &+= TokenHash.sum(piece, position: header.firstPosition + recordCount)
      slots += part
      first += part
      if slots == header.recordsPerBlock { try writeBlock() }
    }
  }

  /// Passes over the ids that a resumed store already holds; returns how many.
  private func pass(
    _ ids: Span<UInt32>, startingDocument isNew: Bool
  ) throws(StoreError) -> Int {
    let count = min(ids.count, replay.count)
    if count == 0 { return 0 }
    if isNew { try passDocument() }
    replayed &+= TokenHash.sum(
      ids.extracting(0..<count), position: header.firstPosition + replay.lowerBound)
    replay = replay.lowerBound + count..<replay.upperBound
    guard replay.isEmpty else { return count }
    if replayed != writer.fingerprint {
      writer.refuse()
      throw .differentPartial(
        "tokens", expected: hexadecimal(replayed), found: hexadecimal(writer.fingerprint))
    }
    if replayedDocuments < documentCount {
      throw differentDocument(expected: "none", found: "\(writer.documents[replayedDocuments])")
    }
    return count
  }

  /// Passes over the start of a document.
  private func passDocument() throws(StoreError) {
    let next = replayedDocuments < documentCount ? writer.documents[replayedDocuments] : nil
    guard next == replay.lowerBound else {
      throw differentDocument(
        expected: "\(replay.lowerBound)", found: next.map { "\($0)" } ?? "none")
    }
    replayedDocuments += 1
  }

  private func differentDocument(expected: String, found: String) -> StoreError {
    writer.refuse()
    return .differentPartial("a document start at", expected: expected, found: found)
  }

  private func store(_ ids: Span<UInt32>) {
    let (width, full) = (header.schema.fields[0].width, header.recordsPerBlock)
    if width == 3 {
      writer.encoder.columns.store(ids, width: 2, at: 2 * slots)
      writer.encoder.columns.store(ids, shift: 16, width: 1, at: 2 * full + slots)
    } else {
      writer.encoder.columns.store(ids, width: width, at: width * slots)
    }
  }

  private func writeBlock() throws(StoreError) {
    let width = header.schema.fields[0].width
    // In a short block the second column moves up to the first one.
    if width == 3 {
      writer.encoder.columns.move(
        from: 2 * header.recordsPerBlock, to: 2 * slots, count: slots)
    }
    writer.encoder.columns.store(documentSlots.span, width: 4, at: width * slots)
    let block = writer.encoder.encode(
      width * slots + 4 * documentSlots.count, records: slots, block: writer.nextBlock)
    documentSlots.removeAll(keepingCapacity: true)
    slots = 0
    try writer.write(block)
  }

  /// Ends the store: flushes it to the medium and gives it its name.
  ///
  /// - Throws: `file` or `writerFailed`; the partial file then stays. Also `differentPartial` where
  ///   a resumed store was not given all the tokens that it holds.
  public func seal() throws(StoreError) -> StoreSummary {
    try writer.checkUsable()
    if !replay.isEmpty {
      throw .differentPartial(
        "tokens up to", expected: "\(replay.lowerBound)", found: "\(replay.upperBound)")
    }
    if slots > 0 { try writeBlock() }
    return try writer.seal()
  }

  private func checkIDs(_ document: Span<UInt32>) throws(StoreError) {
    let first = replay.isEmpty ? recordCount : replay.lowerBound
    for index in 0..<document.count where Int(document[index]) >= header.vocabularySize {
      throw .refused(
        record: first + index, .id(document[index], vocabulary: header.vocabularySize))
    }
  }
}
