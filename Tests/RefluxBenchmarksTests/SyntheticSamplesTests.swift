import Testing

@testable import RefluxBenchmarks

@Suite struct SyntheticSamplesTests {
  static let samples = SyntheticSamples(seed: 0)

  /// What is known of 65,536 positions: 15.3 unique ids on average, of which 1 % have more than
  /// 45 and none more than 50; order-0 entropies of 29.3 bytes as sequences and 23.2 as sets.
  @Test func hasTheKnownFacts() {
    let sets = Self.samples.sets(count: 65_536)
    #expect(sets.count == 65_536)
    let lengths = (0..<sets.count).map { sets.pairs(of: $0).count }.sorted()
    // The mean of so many lengths has a standard error of about 0.05.
    #expect(abs(sets.pairsPerRecord - 15.3) < 0.2)
    #expect((44...46).contains(lengths[lengths.count * 99 / 100]))
    #expect(lengths[0] == 1)
    #expect((49...50).contains(lengths[lengths.count - 1]))
    let entropy = SetEntropy(sets)
    #expect(abs(entropy.bitsPerSequence / 8 - 29.3) < 0.4)
    #expect(abs(entropy.bitsPerSet / 8 - 23.2) < 0.3)
  }

  @Test func makesValidSets() {
    let sets = Self.samples.sets(count: 3000)
    #expect(sets.capacity == 50)
    for record in 0..<sets.count {
      let pairs = sets.pairs(of: record)
      let (ids, counts) = (sets.ids[pairs], sets.counts[pairs])
      #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
      #expect(ids.allSatisfy { $0 < 128_256 })
      #expect(counts.allSatisfy { $0 >= 1 })
      #expect(counts.reduce(0, +) == 50)
    }
  }

  @Test func everyPositionStandsAlone() {
    let whole = Self.samples.sets(count: 5000)
    for range in [0..<1, 7..<19, 4090..<4100, 4999..<5000, 100..<100] {
      let part = Self.samples.sets(of: range)
      let pairs = whole.offsets[range.lowerBound]..<whole.offsets[range.upperBound]
      #expect(part.count == range.count)
      #expect(part.ids == Array(whole.ids[pairs]))
      #expect(part.counts == Array(whole.counts[pairs]))
    }
  }

  @Test func dependsOnTheSeed() {
    let sets = Self.samples.sets(count: 100)
    #expect(SyntheticSamples(seed: 0).sets(count: 100) == sets)
    #expect(SyntheticSamples(seed: 1).sets(count: 100).ids != sets.ids)
    #expect(Self.samples.sets(count: 0).count == 0)
  }
}
