/// Which blocks of a store a reader has checked already, one bit each for the first 2^28: what a
/// file says about its length takes no more memory than that.
struct CheckedBlocks {
  private var bits: [UInt64]

  init(blocks: Int) { bits = Array(repeating: 0, count: Self.bytes(blocks: blocks) / 8) }

  /// The memory for a store of `blocks` blocks, at most 32 MiB.
  static func bytes(blocks: Int) -> Int { (min(blocks, 1 << 28) + 63) / 64 * 8 }

  /// Whether a block has been checked; of one beyond those that are remembered always false.
  subscript(block: Int) -> Bool {
    get { block >> 6 < bits.count && bits[block >> 6] >> UInt64(block & 63) & 1 == 1 }
    set {
      if block >> 6 >= bits.count { return }
      let bit = UInt64(1) << UInt64(block & 63)
      if newValue { bits[block >> 6] |= bit } else { bits[block >> 6] &= ~bit }
    }
  }

  /// Forgets everything.
  mutating func removeAll() {
    for word in bits.indices { bits[word] = 0 }
  }
}
