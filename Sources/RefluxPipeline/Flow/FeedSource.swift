public import RefluxStorage

/// A store that a feed draws from.
public struct FeedSource: Sendable {
  /// What errors and reports call it: its path.
  public var name: String
  /// The tokens.
  public var tokens: TokenStore
  /// The teacher's sample sets for these tokens; nil for tokens and labels only.
  public var samples: SampleStore?
  /// Its share among the stores, in windows.
  public var weight: Int
  /// What the loss of its tokens counts, beside 1 for others.
  public var tokenWeight: Float
  /// What the loss of each token counts, times `tokenWeight`; nil counts all alike. Windows in
  /// which no token counts are left out of the plan.
  public var weights: TokenWeights?
  /// The target's share alpha in the loss of its tokens, alpha * KD + (1 - alpha) * CE; nil leaves
  /// it to the trainer.
  public var alpha: Float?

  /// A source; the feed checks it.
  public init(
    name: String, tokens: TokenStore, samples: SampleStore? = nil, weight: Int = 1,
    tokenWeight: Float = 1, weights: TokenWeights? = nil, alpha: Float? = nil
  ) {
    self.name = name
    self.tokens = tokens
    self.samples = samples
    self.weight = weight
    self.tokenWeight = tokenWeight
    self.weights = weights
    self.alpha = alpha
  }
}
