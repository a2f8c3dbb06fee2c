package import RefluxFiles

/// Writes a sample store: one set per token position in the order of the positions, then `seal`.
///
/// Until then everything stands in `path + ".partial"`; after an error or the end of the process,
/// `resume` goes on with it. Belongs to one thread.
public final class SampleStoreWriter {
  private let writer: StoreFileWriter
  private let rules: SampleRules
  private var set = SampleSet()

  /// Starts a sample store, replacing an abandoned partial file.
  ///
  /// - Parameters:
  ///   - path: where the store appears when it is sealed.
  ///   - vocabularySize: 1 to 2^24.
  ///   - capacity: slots per record. A counted store needs at least min(rounds, vocabulary), so
  ///     that no draw is ever cut; more than the vocabulary is never stored.
  ///   - weighted: records carry float weights instead of counts.
  ///   - provenance: `rounds` is what the counts of every record sum to.
  /// Throws `configuration`, or `file` where the partial file cannot be written.
  public convenience init(
    path: String, vocabularySize: Int, capacity: Int, weighted: Bool,
    provenance: StoreProvenance
  ) throws(StoreError) {
    try self.init(
      path: path, vocabularySize: vocabularySize, capacity: capacity, weighted: weighted,
      provenance: provenance, fileID: .random(in: 0 ... .max))
  }

  package convenience init(
    path: String, vocabularySize: Int, capacity: Int, weighted: Bool,
    provenance: StoreProvenance, fileID: UInt64, recordsPerBlock: Int? = nil,
    calls: FileCalls = .system
  ) throws(StoreError) {
    let header = try StoreHeader.samples(
      vocabularySize: vocabularySize, capacity: capacity, weighted: weighted,
      provenance: provenance, fileID: fileID, recordsPerBlock: recordsPerBlock)
    self.init(try StoreFileWriter(path: path, header: header, calls: calls))
  }

  init(_ writer: StoreFileWriter) {
    self.writer = writer
    rules = SampleRules(writer.header)
  }

  /// Records so far; the next one belongs to this position.
  public var recordCount: Int { writer.recordCount }

  /// Appends a counted record.
  ///
  /// - Parameters:
  ///   - ids: distinct ids in any order; they are stored in ascending order.
  ///   - counts: how often each was drawn, at least once; they sum to the rounds of the store.
  /// Throws `refused` before anything is written if the record breaks a rule, `file` where the
  /// system refuses, and `writerFailed` after that. Traps in a weighted store.
  public func append(ids: Span<UInt32>, counts: Span<UInt32>) throws(StoreError) {
    precondition(!rules.isWeighted, "the store takes weights")
    try append(ids, values: counts)
  }

  /// Appends a weighted record: distinct ids in any order, each with a finite weight of at least 0.
  ///
  /// Throws as the other `append`. Traps in a counted store.
  public func append(ids: Span<UInt32>, weights: Span<Float>) throws(StoreError) {
    precondition(rules.isWeighted, "the store takes counts")
    var bits: [UInt32] = []
    bits.reserveCapacity(weights.count)
    for index in 0..<weights.count { bits.append(weights[index].bitPattern) }
    try append(ids, values: bits.span)
  }

  /// Ends the store: flushes it to the medium and gives it its name.
  ///
  /// Throws `file` or `writerFailed`; the partial file then stays.
  public func seal() throws(StoreError) -> StoreSummary {
    try writer.seal()
  }

  private func append(_ ids: Span<UInt32>, values: Span<UInt32>) throws(StoreError) {
    try writer.checkUsable()
    guard ids.count == values.count else {
      throw .refused(record: recordCount, .unequal(ids: ids.count, values: values.count))
    }
    set.set(ids: ids, values: values)
    let (ids, values) = (set.ids, set.values)
    if let fault = rules.fault(ids: ids.span, values: values.span) {
      throw .refused(record: recordCount, fault)
    }
    try writer.append(ids: ids.span, values: values.span)
  }
}
