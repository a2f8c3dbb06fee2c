import RefluxBytes
import TestSupport
import Testing

@Suite struct XXH64Tests {
  static let seeds: [UInt64] = [0, 1, 0x9E37_79B1_85EB_CA8D]

  /// Length of the input and its digest under each seed; made by References/xxh64_vectors.py.
  static let vectors: [(Int, [UInt64])] = [
    (0, [0xEF46_DB37_51D8_E999, 0xD5AF_BA13_36A3_BE4B, 0x0B30_3D92_0EC3_49DF]),
    (1, [0x1F25_C8D0_BC1F_4BB6, 0x610F_93F8_C898_89FE, 0x4E38_DA78_5858_33FF]),
    (3, [0x31D2_363F_52E5_64C9, 0x2D80_E074_130D_0176, 0xDB3C_6B59_A9BF_9C25]),
    (4, [0x9BB6_4B7D_66EE_9FDA, 0x5EC9_FDD1_0FCB_CB0E, 0xDCE7_4DE7_4556_FF94]),
    (7, [0x9A7B_1499_59CE_60D8, 0xD8B4_A941_715F_EE31, 0xBA5B_6F2C_C49D_11A0]),
    (8, [0xDAB9_9D95_C6F9_0092, 0xF119_F5B2_6C00_20AB, 0xF66E_0CA3_301B_75A3]),
    (11, [0x7A52_CC94_57CF_1A1F, 0x0A2F_64F8_ABCE_CA75, 0x50BB_0652_42E6_146D]),
    (12, [0xD52E_4078_33AF_5133, 0x3785_1F0D_89D2_3966, 0xD70A_B810_30AB_D2AF]),
    (31, [0xA2AA_5F33_CC4A_6119, 0xAACA_4E41_FFCA_E21C, 0x66F6_47A5_2A03_A377]),
    (32, [0x23C3_C17E_F790_FD97, 0x7421_B79A_02B4_2132, 0x01B3_2369_1AFE_F034]),
    (33, [0x50A7_CFC7_BA58_8784, 0x17B3_DF31_3DE9_A40E, 0x527F_3CAE_FF0C_9292]),
    (39, [0x880B_BEEA_606E_4B37, 0x0997_49B2_76E4_93A2, 0x6400_F65A_8243_1E3E]),
    (63, [0x5E3E_54B4_31C7_493C, 0xB1AB_B4A5_AD0E_2943, 0xCA00_B700_0716_9FC7]),
    (64, [0x0EB6_4B3E_F6EE_B01F, 0x2D04_5794_0C5A_93F4, 0x34D5_A64A_E8DC_6E9F]),
    (65, [0xA383_B724_B2BD_12F1, 0x6153_DC23_FC8B_EBD8, 0x43D6_85DE_D689_F7D4]),
    (100, [0xA61F_8D4C_170F_E531, 0x8D89_57E6_8F02_C7CE, 0x919C_CDA3_67E2_A61E]),
    (255, [0x39AE_55A2_9989_206F, 0xC4B1_ACCA_1D37_E7E4, 0x4A5D_8017_6289_77F1]),
    (1000, [0x5F23_5FA0_33F1_A3FB, 0xE67A_374D_77EC_CC3F, 0x536C_1E1B_F0F9_CB01]),
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
