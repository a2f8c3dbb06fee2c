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
