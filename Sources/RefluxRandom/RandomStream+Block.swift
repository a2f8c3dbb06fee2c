extension RandomStream {
  /// Four words: the encryption of a block number under the key (seed, stream).
  struct Block: Sendable {
    /// The two multipliers and the two key increments of Philox4x64.
    private static let multipliers: (UInt64, UInt64) = (
      0xD2E7_470E_E14C_6C93, 0xCA5A_8263_9512_1157
    )
    private static let increments: (UInt64, UInt64) = (0x9E37_79B9_7F4A_7C15, 0xBB67_AE85_84CA_A73B)
    private static let rounds = 10

    var words: InlineArray<4, UInt64> = [0, 0, 0, 0]

    init() {}

    init(number: UInt64, seed: UInt64, stream: UInt64) {
      self.init(counter: [number, 0, 0, 0], key: [seed, stream])
    }

    /// Encrypts a counter of 256 bits; the published test vectors are in this form.
    init(counter: InlineArray<4, UInt64>, key: InlineArray<2, UInt64>) {
      var (a, b, c, d) = (counter[0], counter[1], counter[2], counter[3])
      var (first, second) = (key[0], key[1])
      for _ in 0..<Self.rounds {
        let left = Self.multipliers.0.multipliedFullWidth(by: a)
        let right = Self.multipliers.1.multipliedFullWidth(by: c)
        (a, b, c, d) = (right.high ^ b ^ first, right.low, left.high ^ d ^ second, left.low)
        first &+= Self.increments.0
        second &+= Self.increments.1
      }
      words = [a, b, c, d]
    }
  }
}
