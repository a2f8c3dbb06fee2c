/// An open store of either kind.
public enum OpenStore: Sendable {
  /// A store of token ids.
  case tokens(TokenStore)
  /// A store of sample sets.
  case samples(SampleStore)

  /// Opens the store at `path`, whatever it holds; throws what `TokenStore.init` throws.
  public init(path: String) throws(StoreError) {
    self.init(try StoreSet(path: path))
  }

  init(_ store: StoreSet) {
    switch store.header.kind {
    case .tokens: self = .tokens(TokenStore(store))
    case .samples: self = .samples(SampleStore(store))
    }
  }

  /// The number of records.
  public var count: Int { store.count }
  /// What the store says about itself.
  public var header: StoreHeader { store.header }

  private var store: any Store {
    switch self {
    case .tokens(let store): store
    case .samples(let store): store
    }
  }
}
