/// A pair of token ids that stand side by side.
struct TokenPair: Hashable, Comparable, Sendable {
  var left: UInt32
  var right: UInt32

  init(_ left: UInt32, _ right: UInt32) {
    self.left = left
    self.right = right
  }

  /// Both ids in one integer whose order is the order of pairs.
  var key: UInt64 { UInt64(left) << 32 | UInt64(right) }

  static func < (one: TokenPair, other: TokenPair) -> Bool { one.key < other.key }
}

/// Pairs of token ids, each with the index at which it first came; open addressing.
struct PairTable: Sendable {
  private var slots: [UInt32]
  private(set) var pairs: [TokenPair] = []

  init(minimumCapacity: Int = 1024) {
    var count = 16
    while count < 2 * minimumCapacity { count *= 2 }
    slots = Array(repeating: 0, count: count)
    pairs.reserveCapacity(minimumCapacity)
  }

  /// The index of `pair`, or nil where it is not in the table.
  @inline(always)
  func find(_ pair: TokenPair) -> Int? {
    let index = slots[slot(of: pair)]
    return index == 0 ? nil : Int(index) - 1
  }

  /// The index of `pair`, which is added where it is new.
  mutating func insert(_ pair: TokenPair) -> (index: Int, isNew: Bool) {
    let slot = slot(of: pair)
    if slots[slot] != 0 { return (Int(slots[slot]) - 1, false) }
    pairs.append(pair)
    slots[slot] = UInt32(pairs.count)
    if 2 * pairs.count > slots.count { grow() }
    return (pairs.count - 1, true)
  }

  @inline(always)
  private func slot(of pair: TokenPair) -> Int {
    let mask = slots.count - 1
    var slot = PairTable.hash(pair) & mask
    while slots[slot] != 0, pairs[Int(slots[slot]) - 1] != pair { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: 2 * slots.count)
    for (index, pair) in pairs.enumerated() { slots[slot(of: pair)] = UInt32(index + 1) }
  }

  @inline(always)
  private static func hash(_ pair: TokenPair) -> Int {
    let mixed = (pair.key ^ pair.key >> 29) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: mixed >> 32)
  }
}
