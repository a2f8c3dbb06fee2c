import Testing

@testable import RefluxBenchmarks

@Suite struct SetEntropyTests {
  private func sets(_ records: [[(UInt32, UInt32)]]) -> SampleSets {
    var sets = SampleSets(vocabularySize: 100, rounds: 4)
    for record in records { sets.append(ids: record.map(\.0), counts: record.map(\.1)) }
    return sets
  }

  /// Ids 0 to 3, each once: 2 bits each. Counts: half of them 1, half 3: 1 bit. So a record of two
  /// pairs is 2 x 3 bits as a sequence and 1 bit less as a set. Lengths are all the same: 0 bits.
  @Test func countsTwoPairs() {
    let entropy = SetEntropy(sets([[(0, 1), (1, 3)], [(2, 1), (3, 3)]]))
    #expect(entropy.bitsPerID == 2)
    #expect(entropy.bitsPerCount == 1)
    #expect(entropy.bitsPerLength == 0)
    #expect(entropy.bitsPerSequence == 6)
    #expect(entropy.bitsPerSet == 5)
  }

  /// Lengths 1, 1, 2 and 4: 1.5 bits. Eight pairs, ids 5 and 6 each twice, four others once:
  /// 2 x (1/4) x 2 + 4 x (1/8) x 3 = 2.5 bits. Counts: all 1 but two of 4: 0.8113 bits.
  /// log2(2!) = 1 and log2(4!) = 4.585.
  @Test func countsRecordsOfDifferentLengths() {
    let entropy = SetEntropy(
      sets([
        [(5, 4)], [(6, 4)], [(5, 1), (6, 1)], [(1, 1), (2, 1), (3, 1), (4, 1)],
      ]))
    #expect(abs(entropy.bitsPerID - 2.5) < 1e-12)
    #expect(abs(entropy.bitsPerCount - 0.811278124459) < 1e-11)
    #expect(abs(entropy.bitsPerLength - 1.5) < 1e-12)
    #expect(abs(entropy.bitsPerSequence - 2 * 3.311278124459) < 1e-10)
    #expect(abs(entropy.bitsPerSet - (6.622556248918 - 5.584962500721 / 4)) < 1e-10)
  }

  @Test func survivesNothing() {
    let entropy = SetEntropy(sets([]))
    #expect(entropy.bitsPerSet == 0)
    #expect(entropy.bitsPerLength == 0)
    #expect(SetEntropy(sets([[(0, 4)]])).bitsPerSet == 0)
  }
}
