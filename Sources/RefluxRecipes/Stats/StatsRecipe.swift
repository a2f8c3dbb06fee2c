public import RefluxStorage

/// A store in, its figures out: the whole of it is read and checked on the way.
public struct StatsRecipe: Sendable {
  /// The store: a file or a folder of shards.
  public var store: String
  /// The token store that a sample store belongs to, for what is said of the next token.
  public var tokens: String?

  /// Nothing is opened before the recipe runs.
  public init(_ store: String, against tokens: String? = nil) {
    (self.store, self.tokens) = (store, tokens)
  }

  /// Gathers the figures.
  ///
  /// - Parameter observer: hears of records.
  /// - Throws: `store` with the path; also for tokens beside a store that is not of samples.
  /// - Complexity: one pass over the store.
  public func run(_ observer: StageObserver = .silent) throws(RecipeError) -> StoreStatistics {
    let opened = try naming(store) { try OpenStore(path: store) }
    let tokens = try tokens.map(ModelInputs.tokens)
    let stage = observer.begin("stats", "records", nil, 0)
    let watch = { (done: Int, total: Int) in
      stage.update(done, total, nil)
      return !observer.isInterrupted()
    }
    let statistics = try naming(store) { () throws -> StoreStatistics in
      switch opened {
      case .samples(let found):
        return .samples(try SampleStatistics(found, against: tokens, watch: watch), found)
      case .tokens where tokens != nil:
        throw StoreError.wrongKind(expected: .samples, found: .tokens)
      case .tokens(let found):
        return .tokens(try TokenStatistics(found, watch: watch), found)
      }
    }
    stage.finish()
    return statistics
  }
}

/// What is in a store, and the store itself.
public enum StoreStatistics: Sendable {
  case samples(SampleStatistics, SampleStore)
  case tokens(TokenStatistics, TokenStore)
}
