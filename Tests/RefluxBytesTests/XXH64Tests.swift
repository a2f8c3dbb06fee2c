import RefluxBytes
import TestSupport
import Testing

@Suite struct XXH64Tests {
  static let seeds: [UInt64] = [0, 1, 0x9E37_79B1_85EB_CA8D]

  /// Length of the input and its digest under each seed; made by References/xxh64_vectors.py.
  static let vectors: [(Int, [UInt64])] = [
    (0, [0xef46db3751d8e999, 0xd5afba1336a3be4b, 0x0b303d920ec349df]),
    (1, [0x1f25c8d0bc1f4bb6, 0x610f93f8c89889fe, 0x4e38da78585833ff]),
    (3, [0x31d2363f52e564c9, 0x2d80e074130d0176, 0xdb3c6b59a9bf9c25]),
    (4, [0x9bb64b7d66ee9fda, 0x5ec9fdd10fcbcb0e, 0xdce74de74556ff94]),
    (7, [0x9a7b149959ce60d8, 0xd8b4a941715fee31, 0xba5b6f2cc49d11a0]),
    (8, [0xdab99d95c6f90092, 0xf119f5b26c0020ab, 0xf66e0ca3301b75a3]),
    (11, [0x7a52cc9457cf1a1f, 0x0a2f64f8abceca75, 0x50bb065242e6146d]),
    (12, [0xd52e407833af5133, 0x37851f0d89d23966, 0xd70ab81030abd2af]),
    (31, [0xa2aa5f33cc4a6119, 0xaaca4e41ffcae21c, 0x66f647a52a03a377]),
    (32, [0x23c3c17ef790fd97, 0x7421b79a02b42132, 0x01b323691afef034]),
    (33, [0x50a7cfc7ba588784, 0x17b3df313de9a40e, 0x527f3caeff0c9292]),
    (39, [0x880bbeea606e4b37, 0x099749b276e493a2, 0x6400f65a82431e3e]),
    (63, [0x5e3e54b431c7493c, 0xb1abb4a5ad0e2943, 0xca00b70007169fc7]),
    (64, [0x0eb64b3ef6eeb01f, 0x2d0457940c5a93f4, 0x34d5a64ae8dc6e9f]),
    (65, [0xa383b724b2bd12f1, 0x6153dc23fc8bebd8, 0x43d685ded689f7d4]),
    (100, [0xa61f8d4c170fe531, 0x8d8957e68f02c7ce, 0x919ccda367e2a61e]),
    (255, [0x39ae55a29989206f, 0xc4b1acca1d37e7e4, 0x4a5d8017628977f1]),
    (1000, [0x5f235fa033f1a3fb, 0xe67a374d77eccc3f, 0x536c1e1bf0f9cb01]),
  ]

  static func input(_ length: Int) -> [UInt8] {
    (0..<length).map { UInt8(($0 * 7 + 3) % 256) }
  }

  @Test func vectorsOfTheReferenceLibrary() {
    for (length, digests) in Self.vectors {
      let input = Self.input(length)
      for (seed, expected) in zip(Self.seeds, digests) {
        #expect(XXH64.hash(input.span.bytes, seed: seed) == expected)
      }
    }
  }

  @Test func publishedVectors() {
    #expect(XXH64.hash([UInt8]().span.bytes) == 0xEF46_DB37_51D8_E999)
    #expect(XXH64.hash([UInt8]("abc".utf8).span.bytes) == 0x44BC_2CF5_AD77_0999)
  }

  @Test func anyDivisionGivesTheSameDigest() {
    let input = Self.input(200)
    var random = TestRandom(seed: 7)
    for length in 0...200 {
      let expected = XXH64.hash(input.span.bytes.extracting(0..<length), seed: 5)
      var state = XXH64(seed: 5)
      var offset = 0
      while offset < length {
        let end = min(length, offset + Int.random(in: 0...70, using: &random))
        state.update(input.span.bytes.extracting(offset..<end))
        offset = end
      }
      #expect(state.digest() == expected)
      #expect(state.digest() == expected, "digest must not change the state")
    }
  }

  @Test func unalignedInput() {
    let input = Self.input(300)
    for start in 0..<9 {
      let copy = Array(input[start...])
      let slice = input.span.bytes.extracting(droppingFirst: start)
      #expect(XXH64.hash(slice) == XXH64.hash(copy.span.bytes))
    }
  }
}
