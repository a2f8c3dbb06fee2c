internal import RefluxStorage
internal import RefluxTargets

/// The windows of one store in its own order, read when they are asked for: what evaluations and
/// comparisons look at.
///
/// Tokens, documents, positions, labels, weights and sample sets are those that a ``Feed`` of the
/// same sizes and packing gives, by the same code; weights of single tokens are not read. Packed
/// windows come by their first records: some of them are not those of the longest documents. After
/// the whole windows there may be a tail: the last tokens, too few for a window, as a shorter one,
/// filled up with positions of weight 0.
///
/// Belongs to one thread. Memory: one batch, and the readers of the stores.
public final class WindowReader {
  /// Windows, the tail included.
  public let count: Int
  /// Tokens of a window.
  public let window: Int
  private let packing: Packing
  private let shape: SourceShape
  /// The windows of packed documents in the order in which they come.
  private let order: [Int]?
  private let readers: SourceReaders
  private var batch: Batch

  /// Checks the stores against each other and the configuration, as a feed does.
  ///
  /// - Parameters:
  ///   - source: tokens, and their sample sets where those are wanted.
  ///   - configuration: the window, the packing, and the most windows of a batch; the order, and
  ///     what concerns steps, is not looked at.
  ///   - hasTail: whether the last tokens are a shorter window; where there are samples, if those
  ///     reach so far.
  /// - Throws: ``FeedError``: `configuration`; `tooFewTokens` where there is no window; `mismatch`,
  ///   `contextDiffers`, `packingDiffers`, `tooFewSamples` or `missingScalar`; `source` where
  ///   documents cannot be read.
  /// - Complexity: constant; where documents are packed that of ``PackedWindows``.
  public init(
    _ source: FeedSource, configuration: FeedConfiguration, hasTail: Bool
  ) throws(FeedError) {
    try configuration.validate()
    (window, packing) = (configuration.window, configuration.packing)
    shape = try SourceShape(
      source.tokens, name: source.name, window: window, packing: packing)
    order = shape.packed?.inStoreOrder()
    let whole = shape.windowCount(window)
    try source.checkSamples(configuration, shape, windows: whole)
    let reached = source.samples?.count ?? .max
    let hasTail = hasTail && packing != .bestFit && reached >= shape.tokenCount - 1
    count = hasTail ? shape.windowCount(window, hasTail: true) : whole
    if count < 1 {
      throw .tooFewTokens(found: source.tokens.count, needed: hasTail ? 2 : window + 1)
    }
    readers = SourceReaders(
      source, scalars: configuration.scalars, cacheBytes: 0, times: nil)
    batch = Batch(
      batch: min(configuration.batch, count), window: window,
      sampleCapacity: source.samples?.capacity, scalars: configuration.scalars,
      marksDocuments: packing.marksDocuments, weighsTokens: hasTail)
  }

  /// Reads windows into the first rows of a batch, and lends it.
  ///
  /// - Parameters:
  ///   - windows: one at least, and at most a batch.
  ///   - body: reads the rows of the windows; what other rows hold means nothing.
  /// - Returns: what `body` returns.
  /// - Throws: what `body` throws; `unreadable` for a damaged block.
  public func withBatch<Result>(
    of windows: Range<Int>, _ body: (borrowing Batch) throws -> Result
  ) throws -> Result {
    for (row, place) in windows.enumerated() {
      let number = order?[place] ?? place
      batch.windowStorage[row] = number
      batch.rowStorage[row] = PlanRow(window: number)
      let filler = RowFiller(window: window, row: row, weight: 1, packing: packing)
      do throws(StoreError) {
        try filler.readTokens(&batch, readers.tokens, shape, number)
      } catch { throw FeedError.unreadable(error, isOfSamples: false) }
      guard let samples = readers.samples else { continue }
      do throws(StoreError) {
        try filler.readSamples(&batch, samples, shape, number)
      } catch { throw FeedError.unreadable(error, isOfSamples: true) }
    }
    return try body(batch)
  }

  /// The record of each position of a window; a window that is not full has fewer.
  public func records(of window: Int) -> [Int] {
    var records: [Int] = []
    shape.forEachPiece(of: order?[window] ?? window, window: self.window) {
      records += $0.records
    }
    return records
  }
}
