internal import RefluxStorage
internal import RefluxTargets

/// One lane's readers of one store.
struct SourceReaders {
  let tokens: TokenReader
  let samples: SampleReader?
  let weights: TokenWeightReader?
  let tokenWeight: Float
  let alpha: Float
  /// The epoch that blocks were last checked in.
  var epoch = -1

  /// - Parameters:
  ///   - scalars: what comes beside the sets.
  ///   - cacheBytes: for the blocks of both.
  init(
    _ source: FeedSource, scalars: [TargetScalar], cacheBytes: Int, times: ReadTimes?
  ) {
    let share = cacheBytes / (source.samples == nil ? 1 : 2)
    tokens = source.tokens.makeReader(cacheBytes: share, checksOnce: true)
    samples = source.samples?.makeReader(cacheBytes: share)
    weights = source.weights?.makeReader()
    tokens.times = times
    samples?.times = times
    samples?.take(scalars)
    tokenWeight = source.tokenWeight
    alpha = source.alpha ?? .nan
  }

  /// Prepares for a new batch: files are compared with their paths again.
  func beginTurn() {
    tokens.beginTurn()
    samples?.beginTurn()
    weights?.beginTurn()
  }

  /// Each epoch checks every block of tokens once: what was right may have decayed.
  mutating func begin(epoch: Int) {
    if epoch == self.epoch { return }
    self.epoch = epoch
    tokens.forgetChecks()
  }
}
