/// The merges of a byte-level BPE, by pair: the rank (0 is applied first) and the token made.
struct MergeTable: Sendable {
  private var table: PairTable
  private var products: [UInt32] = []

  init(minimumCapacity: Int = 0) { table = PairTable(minimumCapacity: minimumCapacity) }

  var count: Int { products.count }

  /// The pairs in the order of their ranks.
  var pairs: [TokenPair] { table.pairs }

  /// Adds the merge of the next rank; false where the pair has one already.
  mutating func append(_ pair: TokenPair, product: UInt32) -> Bool {
    guard table.insert(pair).isNew else { return false }
    products.append(product)
    return true
  }

  /// The rank of the merge of `pair`, or `noMerge`.
  @inline(always)
  func rank(_ pair: TokenPair) -> UInt32 {
    guard let index = table.find(pair) else { return MergeTable.noMerge }
    return UInt32(index)
  }

  /// The token that the merge of `rank` makes.
  @inline(always)
  func product(ofRank rank: UInt32) -> UInt32 { products[Int(rank)] }

  /// Greater than every rank.
  static let noMerge = UInt32.max
}
