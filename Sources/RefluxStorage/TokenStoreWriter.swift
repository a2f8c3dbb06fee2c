package import RefluxFiles

/// Writes a token store: documents one after the other, then `seal`.
///
/// Until then everything stands in `path + ".partial"`; an error or the end of the process leaves
/// it there for `StoreRecovery`. Belongs to one thread.
public final class TokenStoreWriter {
  private let writer: StoreFileWriter

  /// Starts a token store, replacing an abandoned partial file.
  ///
  /// - Parameters:
  ///   - path: where the store appears when it is sealed.
  ///   - vocabularySize: 1 to 2^31; ids take 1 to 4 bytes accordingly.
  /// Throws `configuration`, or `file` where the partial file cannot be written.
  public convenience init(
    path: String, vocabularySize: Int, provenance: StoreProvenance
  ) throws(StoreError) {
    try self.init(
      path: path, vocabularySize: vocabularySize, provenance: provenance,
      fileID: .random(in: 0 ... .max))
  }

  package init(
    path: String, vocabularySize: Int, provenance: StoreProvenance, fileID: UInt64,
    recordsPerBlock: Int? = nil, calls: FileCalls = .system
  ) throws(StoreError) {
    let header = try StoreHeader.tokens(
      vocabularySize: vocabularySize, provenance: provenance, fileID: fileID,
      recordsPerBlock: recordsPerBlock)
    writer = try StoreFileWriter(path: path, header: header, calls: calls)
  }

  /// Tokens so far.
  public var recordCount: Int { writer.recordCount }
  /// Documents so far.
  public var documentCount: Int { writer.documents.count }

  /// Appends the ids of one document; an empty document leaves no trace.
  ///
  /// Throws `refused` before anything is written if an id is outside the vocabulary, `file` where
  /// the system refuses, and `writerFailed` after that.
  /// Cost: one write of about 64 KiB per full block.
  public func append(document: Span<UInt32>) throws(StoreError) {
    try writer.checkUsable()
    try checkIDs(document)
    try writer.append(ids: document, startingDocument: true)
  }

  /// Ends the store: flushes it to the medium and gives it its name.
  ///
  /// Throws `file` or `writerFailed`; the partial file then stays.
  public func seal() throws(StoreError) -> StoreSummary {
    try writer.seal()
  }

  private func checkIDs(_ document: Span<UInt32>) throws(StoreError) {
    let vocabulary = writer.header.vocabularySize
    for index in 0..<document.count where Int(document[index]) >= vocabulary {
      throw .refused(
        record: recordCount + index, .id(document[index], vocabulary: vocabulary))
    }
  }
}
