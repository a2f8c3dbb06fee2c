/// An endless stream of random words that depends only on a seed and a stream number.
///
/// Streams are counter-based (Philox4x64 with 10 rounds: Salmon et al., "Parallel random numbers:
/// as easy as 1, 2, 3", SC 2011), so streams of different numbers are independent, any of the
/// 2^64 streams of a seed costs the same to begin, and nothing is shared between threads: give
/// each token position, worker or tensor a stream of its own.
///
/// The algorithm is frozen. Word n of a stream is word n of NumPy's
/// `numpy.random.Philox(key=[seed, stream]).random_raw()`, so streams can be made elsewhere.
///
/// - Complexity: 80 bytes, no allocation; about ten multiplications per word.
public struct RandomStream: RandomNumberGenerator, Sendable {
  let seed: UInt64
  let stream: UInt64
  /// The number of the block in `block`; NumPy's first block is block 1.
  var blockNumber: UInt64 = 0
  var block = Block()
  /// The next word of `block` to hand out; 4 when it is used up.
  var wordIndex = 4

  /// Begins a stream.
  ///
  /// - Parameters:
  ///   - seed: the seed of the run.
  ///   - stream: the number of the stream, for example a token's position.
  public init(seed: UInt64, stream: UInt64) {
    self.seed = seed
    self.stream = stream
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    if wordIndex == 4 {
      blockNumber += 1
      block = Block(number: blockNumber, seed: seed, stream: stream)
      wordIndex = 0
    }
    defer { wordIndex += 1 }
    return block.words[wordIndex]
  }

  /// The next uniform number in [0, 1), a multiple of 2^-53.
  public mutating func nextUniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// The next uniform numbers in [0, 1), as many as `numbers` has room for: what that many calls of
  /// ``nextUniform()`` give, at half their cost.
  public mutating func fillUniform(_ numbers: inout MutableSpan<Double>) {
    var index = 0
    while index < numbers.count {
      if wordIndex == 4 && index + 4 <= numbers.count {
        blockNumber += 1
        let words = Block(number: blockNumber, seed: seed, stream: stream).words
        for lane in 0..<4 { numbers[index + lane] = Double(words[lane] >> 11) * 0x1p-53 }
        index += 4
      } else {
        numbers[index] = nextUniform()
        index += 1
      }
    }
  }

  /// The next uniform number in [0, 1), a multiple of 2^-24; uses one whole word.
  public mutating func nextFloat() -> Float {
    Float(next() >> 40) * 0x1p-24
  }

  /// The next number of the standard normal distribution; uses one word.
  ///
  /// The inverse of the distribution function at a uniform number of 52 bits, so no result is
  /// farther from 0 than 8.3. Beyond 1.44 it uses the platform's logarithm, whose last bit may
  /// differ between platforms.
  public mutating func nextNormal() -> Double {
    NormalQuantile.value(at: (Double(next() >> 12) + 0.5) * 0x1p-52)
  }
}

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
