internal import RefluxRandom

/// Which windows every step holds: a pure function of the configuration and the store's size.
///
/// Window w is records w L ..< (w + 1) L of the store. Its labels are the records one further, so a
/// store of n tokens has floor((n - 1) / L) windows. An epoch takes every window at most once: as
/// many whole batches as there are; the last `windowCount % batch` windows of an epoch's order are
/// left out of it, and are others every epoch when shuffled.
///
/// The order depends on seed, epoch and the number of windows alone. Any step costs the same, so
/// resuming is starting there.
public struct FeedPlan: Sendable, Equatable {
  /// The windows of the store.
  public let windowCount: Int
  /// Windows per step.
  public let batch: Int
  /// Tokens per window.
  public let window: Int
  /// The seed of the order.
  public let seed: UInt64
  public let order: FeedConfiguration.Order

  /// Plans for a store of `tokenCount` tokens.
  ///
  /// - Throws: `configuration`, or `tooFewTokens` when there is no whole batch.
  public init(tokenCount: Int, configuration: FeedConfiguration) throws(FeedError) {
    try configuration.validate()
    windowCount = max(tokenCount - 1, 0) / configuration.window
    batch = configuration.batch
    window = configuration.window
    seed = configuration.seed
    order = configuration.order
    guard windowCount >= batch else {
      throw .tooFewTokens(found: tokenCount, needed: batch * window + 1)
    }
  }

  /// Whole batches per epoch.
  public var stepsPerEpoch: Int { windowCount / batch }

  /// The epoch of a step, from 0.
  public func epoch(ofStep step: Int) -> Int { step / stepsPerEpoch }

  /// The windows of a step, in the order of the batch's rows.
  ///
  /// - Parameters:
  ///   - step: from 0 on, over all epochs.
  ///   - windows: `batch` elements to write.
  public func fill(step: Int, windows: inout [Int]) {
    precondition(step >= 0 && windows.count == batch, "one window per row of a step")
    let (epoch, turn) = step.quotientAndRemainder(dividingBy: stepsPerEpoch)
    let first = turn * batch
    switch order {
    case .sequential:
      for row in 0..<batch { windows[row] = first + row }
    case .shuffled:
      let permutation = Permutation(count: windowCount, seed: seed(ofEpoch: epoch))
      for row in 0..<batch { windows[row] = permutation[first + row] }
    }
  }

  /// Word 1 of the stream "Epoch" + epoch: frozen, as the permutation is.
  private func seed(ofEpoch epoch: Int) -> UInt64 {
    var stream = RandomStream(seed: seed, stream: 0x4570_6F63_6800_0000 &+ UInt64(epoch))
    return stream.next()
  }
}
