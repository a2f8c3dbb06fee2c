/// Which blocks of a store a reader has checked already, one bit each.
struct CheckedBlocks {
  private var bits: [UInt64]

  init(blocks: Int) { bits = Array(repeating: 0, count: (blocks + 63) / 64) }

  subscript(block: Int) -> Bool {
    get { bits[block >> 6] >> UInt64(block & 63) & 1 == 1 }
    set {
      let bit = UInt64(1) << UInt64(block & 63)
      if newValue { bits[block >> 6] |= bit } else { bits[block >> 6] &= ~bit }
    }
  }

  /// Forgets everything.
  mutating func removeAll() {
    for word in bits.indices { bits[word] = 0 }
  }
}
