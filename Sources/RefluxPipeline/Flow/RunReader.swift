public import RefluxStorage
internal import RefluxTargets

/// Runs of neighbouring records as the rows of a batch: how a teacher goes through a store from one
/// end to the other, where the windows of a feed may lie anywhere.
///
/// Rows are filled by the code that fills those of a ``Feed``. Belongs to one thread. Memory: that
/// of one batch, and a reader.
public final class RunReader {
  private let reader: TokenReader
  private let tokenCount: Int
  private let window: Int
  private let marksDocuments: Bool
  private var batch: Batch

  /// - Parameters:
  ///   - window: the most tokens of a run.
  ///   - runs: the most runs of a batch.
  ///   - marksDocuments: whether documents stand for themselves.
  public init(_ tokens: TokenStore, window: Int, runs: Int, marksDocuments: Bool) {
    reader = tokens.makeReader()
    tokenCount = tokens.count
    self.window = window
    self.marksDocuments = marksDocuments
    batch = Batch(
      batch: runs, window: window, sampleCapacity: nil, marksDocuments: marksDocuments,
      weighsTokens: true)
  }

  /// Reads runs into the first rows of a batch, and lends it; a short run is filled up.
  ///
  /// - Throws: `outOfRange` or `damaged`.
  public func withBatch<Result>(
    of runs: [Range<Int>], _ body: (borrowing Batch) -> Result
  ) throws(StoreError) -> Result {
    for (row, records) in runs.enumerated() {
      let filler = RowFiller(
        window: window, row: row, weight: 1, packing: marksDocuments ? .documents : .windows)
      try filler.readRun(&batch, reader, records, tokenCount: tokenCount)
    }
    return body(batch)
  }
}
