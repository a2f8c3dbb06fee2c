/// Sizes of one vocabulary: tables are padded to multiples that differ from model to model, so that
/// the ids at the end of the larger one stand for nothing.
public enum PaddedVocabulary {
  /// The most rows that are taken for padding.
  public static let limit = 4096

  /// Whether two sizes may be of one vocabulary.
  public static func mayBeOne(_ one: Int, _ other: Int) -> Bool { abs(one - other) <= limit }
}

extension TokenStore {
  /// The largest id of the store; 0 where it is empty.
  ///
  /// - Throws: what reading throws.
  /// - Complexity: one pass over the store.
  public func largestID() throws(StoreError) -> Int {
    var largest: UInt32 = 0
    try TokenWalk(store).forEachBlock(of: 0..<count) { ids, _, _ throws(StoreError) in
      for id in ids { largest = max(largest, id) }
    }
    return Int(largest)
  }
}

extension SampleStore {
  /// The largest id of any set; 0 where all are empty.
  ///
  /// - Throws: what reading throws.
  /// - Complexity: one pass over the store.
  public func largestID() throws(StoreError) -> Int {
    var largest: UInt32 = 0
    try SampleWalk(store, isStrict: false).forEachBlock(of: 0..<count) {
      sets, _ throws(StoreError) in
      for pair in 0..<sets.pairs { largest = max(largest, sets.ids[pair]) }
    }
    return Int(largest)
  }
}
