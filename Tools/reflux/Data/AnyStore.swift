import RefluxStorage

/// A sealed store of either kind.
enum AnyStore {
  case tokens(TokenStore)
  case samples(SampleStore)

  /// Opens the store at `path`, whatever it holds.
  init(path: String) throws(Failure) {
    self = try at(path) {
      do {
        return .tokens(try TokenStore(path: path))
      } catch StoreError.wrongKind {
        return .samples(try SampleStore(path: path))
      }
    }
  }
}
