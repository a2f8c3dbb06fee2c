internal import RefluxJSON

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

/// Reads the list of merges against a vocabulary.
struct MergeReader {
  private let tokens: TokenList

  init(_ tokens: TokenList) { self.tokens = tokens }

  func merges(_ field: JSONField) throws(TokenizerError) -> MergeTable {
    guard let list = field.value.arrayValue else { throw field.malformed("an array") }
    var merges = MergeTable(minimumCapacity: list.count)
    for (index, value) in list.enumerated() {
      guard let (left, right) = MergeReader.parts(of: value) else {
        throw .malformed(
          field: "\(field.name)[\(index)]", found: value.kind,
          expected: "two tokens: \"a b\" or [\"a\", \"b\"]")
      }
      let pair = TokenPair(try id(of: left, index), try id(of: right, index))
      guard merges.append(pair, product: try id(of: left + right, index)) else {
        throw .duplicateMerge(merge: index, pair: "\(left) \(right)")
      }
    }
    return merges
  }

  private func id(of token: String, _ merge: Int) throws(TokenizerError) -> UInt32 {
    guard let id = tokens.id(of: token) else {
      throw .unknownMergeToken(merge: merge, token: String(token.prefix(60)))
    }
    return id
  }

  /// The two tokens of `"a b"` or `["a", "b"]`; spellings have no spaces, so one space parts them.
  private static func parts(of value: JSONValue) -> (left: String, right: String)? {
    switch value {
    case .string(let text):
      let parts = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      return (String(Substring(parts[0])), String(Substring(parts[1])))
    case .array(let parts):
      guard parts.count == 2, let left = parts[0].stringValue, let right = parts[1].stringValue
      else { return nil }
      return (left, right)
    default:
      return nil
    }
  }
}
