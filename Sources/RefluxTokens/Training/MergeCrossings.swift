import Synchronization

/// The pairs of first symbols that a merge may bring together, made when a text first needs them.
///
/// Between two symbols of no such pair no merge can ever reach across: a text may be cut there.
final class MergeCrossings: Sendable {
  private let made = Mutex<PairTable?>(nil)

  /// Whether no merge can join what ends with `left` to what starts with `right`.
  func allowsCut(_ left: UInt32, _ right: UInt32, _ merges: MergeTable) -> Bool {
    table(merges).find(TokenPair(left, right)) == nil
  }

  /// The last place in `buffer` at which it may be cut, or nil; remembers how far it looked.
  func lastCut(of buffer: inout SymbolBuffer, _ merges: MergeTable, unknown: UInt32?) -> Int? {
    let table = table(merges)
    var place = buffer.ids.count - 1
    while place > max(0, buffer.searched - 1) {
      let (left, right) = (buffer.ids[place - 1], buffer.ids[place])
      if left != unknown, right != unknown, table.find(TokenPair(left, right)) == nil {
        return place
      }
      place -= 1
    }
    buffer.searched = buffer.ids.count
    return nil
  }

  private func table(_ merges: MergeTable) -> PairTable {
    made.withLock { made in
      if let made { return made }
      let table = Self.make(merges)
      made = table
      return table
    }
  }

  /// The last symbol of each merge's left token with the first of its right one.
  private static func make(_ merges: MergeTable) -> PairTable {
    var makers: [UInt32: TokenPair] = [:]
    for (rank, pair) in merges.pairs.enumerated() {
      let product = merges.product(ofRank: UInt32(rank))
      if makers[product] == nil { makers[product] = pair }
    }
    var table = PairTable(minimumCapacity: merges.count)
    for pair in merges.pairs {
      var (left, right) = (pair.left, pair.right)
      while let maker = makers[left] { left = maker.right }
      while let maker = makers[right] { right = maker.left }
      _ = table.insert(TokenPair(left, right))
    }
    return table
  }
}
