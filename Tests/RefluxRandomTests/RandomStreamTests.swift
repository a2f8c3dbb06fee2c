import RefluxRandom
import Testing

@Suite struct RandomStreamTests {
  /// Seed, stream and first six words by NumPy 2.4.6: References/philox.py.
  static let numPy: [(seed: UInt64, stream: UInt64, words: [UInt64])] = [
    (
      0, 0,
      [
        0x02f4_ba64_08e4_d89b, 0x3dd6_2b0b_9ca8_c5b2, 0x1c86_67a5_5d90_2e79,
        0x907d_7a05_2fd5_b4dc, 0x809b_f322_8839_87c3, 0x4711_28b9_e807_f7dd,
      ]
    ),
    (
      1, 0,
      [
        0x4db6_a27b_7562_82df, 0xd944_fa03_babe_0e2f, 0x27f8_72e5_7706_0d32,
        0x07f6_9769_6a04_82a2, 0xe677_fe4b_bd04_52ec, 0x0d54_3dba_56d1_e799,
      ]
    ),
    (
      0, 1,
      [
        0xd037_f8c3_f9a1_d176, 0xc057_419b_4c21_0765, 0xabf1_3115_117b_0065,
        0x7bae_035d_ea6e_a5c0, 0xb487_ac82_e7dd_d46f, 0x45e8_1edb_a7c5_9426,
      ]
    ),
    (
      42, 7,
      [
        0xa640_64f3_4e84_b9a3, 0xe287_959a_866a_08fd, 0x8dc1_81f0_09b9_6c03,
        0xf3f6_001d_4fa8_3454, 0x69c6_33ee_791d_f6b3, 0x8932_7f7a_8f01_27a4,
      ]
    ),
    (
      .max, .max,
      [
        0x6d46_cc0e_71f0_be7e, 0x924e_a169_3f9a_8bc0, 0xfdc3_5f01_98c9_1181,
        0xb4a3_11f1_7aa6_568d, 0x67e1_2c1e_ff8d_e57e, 0x6877_6184_22b8_7b0e,
      ]
    ),
  ]

  @Test(arguments: numPy) func agreesWithNumPy(seed: UInt64, stream: UInt64, words: [UInt64]) {
    var random = RandomStream(seed: seed, stream: stream)
    #expect(words.indices.map { _ in random.next() } == words)
  }

  @Test func uniformNumbersAreTheTopBitsOfWords() {
    var words = RandomStream(seed: 3, stream: 4)
    var doubles = words
    var floats = words
    for _ in 0..<1_000 {
      let word = words.next()
      #expect(doubles.nextUniform() == Double(word / 2048) / 9_007_199_254_740_992)
      #expect(floats.nextFloat() == Float(word / (1 << 40)) / 16_777_216)
    }
  }

  @Test(arguments: 0..<14) func uniformNumbersComeInBulkToo(count: Int) {
    for skipped in 0..<5 {
      var one = RandomStream(seed: 5, stream: 6)
      for _ in 0..<skipped { _ = one.next() }
      var bulk = one
      var numbers = [Double](repeating: 0, count: count)
      var span = numbers.mutableSpan
      bulk.fillUniform(&span)
      #expect(numbers == (0..<count).map { _ in one.nextUniform() })
      #expect(bulk.next() == one.next())
    }
  }

  /// Chi-square of 256 cells over the first word of many streams and over one stream's words.
  @Test(arguments: [true, false]) func wordsFillTheRangeEvenly(acrossStreams: Bool) {
    let draws = 1 << 16
    var cells = [Int](repeating: 0, count: 256)
    var long = RandomStream(seed: 9, stream: 0)
    for index in 0..<draws {
      var own = RandomStream(seed: 9, stream: UInt64(index))
      let word = acrossStreams ? own.next() : long.next()
      cells[Int(word >> 56)] += 1
    }
    let expected = Double(draws) / 256
    let chiSquare = cells.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) }
    // 255 degrees of freedom: mean 255, standard deviation 22.6; five of them either way.
    #expect(abs(chiSquare / expected - 255) < 113)
  }

  /// Each bit of neighbouring streams' first words differs half of the time.
  @Test func neighbouringStreamsAreUncorrelated() {
    var flips = [Int](repeating: 0, count: 64)
    let pairs = 10_000
    for index in 0..<pairs {
      var one = RandomStream(seed: 5, stream: UInt64(index))
      var other = RandomStream(seed: 5, stream: UInt64(index) + 1)
      let difference = one.next() ^ other.next()
      for bit in 0..<64 where difference >> UInt64(bit) & 1 == 1 { flips[bit] += 1 }
    }
    for count in flips { #expect(abs(count - pairs / 2) < 250) }
  }

  @Test func aCopyRepeatsTheStream() {
    var random = RandomStream(seed: 1, stream: 2)
    for _ in 0..<7 { _ = random.next() }
    var copy = random
    #expect((0..<20).map { _ in random.next() } == (0..<20).map { _ in copy.next() })
  }
}
