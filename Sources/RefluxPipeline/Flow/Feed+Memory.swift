internal import RefluxStorage
internal import RefluxTargets

extension Feed {
  /// The most memory that a feed takes, but for a few KiB for each lane and slot.
  ///
  /// Per slot, with T = batch * window: 8 T bytes; with samples 4 (T + 1) + 8 T capacity more;
  /// 4 T for each scalar; where documents are marked 12 T more, else where tokens have weights 4 T;
  /// 40 per row. Per lane and store: a bit per block of tokens, two decoded blocks of samples and
  /// of weights, one of tokens, what decompresses them, and the scalars of a window twice;
  /// `cacheBytes` for all of them together. Mapped pages of the stores are the system's and not
  /// counted.
  public static func memoryBytes(
    _ sources: [FeedSource], _ configuration: FeedConfiguration
  ) -> Int {
    let slot = Batch.bytes(
      batch: configuration.batch, window: configuration.window,
      sampleCapacity: sources.compactMap(\.samples?.capacity).max(),
      scalars: configuration.scalars.count,
      marksDocuments: configuration.packing.marksDocuments,
      weighsTokens: sources.contains { $0.weights != nil })
    let readers = sources.reduce(0) { sum, source in
      sum + source.tokens.readerBytes + (source.samples?.readerBytes ?? 0)
        + (source.weights?.readerBytes ?? 0)
        + 8 * configuration.window * configuration.scalars.count
    }
    let rows = configuration.batch * MemoryLayout<PlanRow>.stride
    return configuration.slots * slot + configuration.lanes * (readers + rows)
      + configuration.cacheBytes
  }
}
