/// What both kinds of store have: ``TokenStore`` and ``SampleStore``.
public protocol Store: AnyObject, Sendable {
  /// What the store says about itself.
  var header: StoreHeader { get }
  /// The number of records.
  var count: Int { get }
  /// What names the content, however it is stored (SPEC.md, section 8.1).
  var fingerprint: UInt64 { get }
}

extension Store {
  /// The position of record 0: more than 0 in a shard of a larger store.
  public var firstPosition: Int { header.firstPosition }
  /// Ids are below this number.
  public var vocabularySize: Int { header.vocabularySize }

  /// Checks that the store begins at position 0, as training needs it.
  ///
  /// - Throws: `onlyAShard`.
  public func checkWhole() throws(StoreError) {
    if firstPosition > 0 { throw .onlyAShard(first: firstPosition) }
  }
}

/// An open store of either kind.
public enum OpenStore: Sendable {
  /// A store of token ids.
  case tokens(TokenStore)
  /// A store of sample sets.
  case samples(SampleStore)

  /// Opens the store at `path`, whatever it holds.
  ///
  /// - Throws: what `TokenStore.init` throws.
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
