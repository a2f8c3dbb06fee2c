import Testing

@testable import RefluxRandom

@Suite struct DerangementTests {
  private func draw(_ count: Int, seed: UInt64) -> [Int] {
    var stream = RandomStream(seed: seed, stream: 7)
    return Derangement.draw(count: count, from: &stream)
  }

  @Test(arguments: [2, 3, 4, 5, 17, 1_000])
  func isAnOrderWithoutAFixedPoint(count: Int) {
    for seed in UInt64(0)..<40 {
      let order = draw(count, seed: seed)
      #expect(order.sorted() == Array(0..<count))
      #expect(!order.indices.contains { order[$0] == $0 })
    }
  }

  @Test func followsFromTheStream() {
    #expect(draw(50, seed: 3) == draw(50, seed: 3))
    #expect(draw(50, seed: 3) != draw(50, seed: 4))
    // Frozen: pools are made again from their seeds.
    #expect(draw(6, seed: 1) == frozen)
  }

  /// From the words of NumPy's Philox(key=[1, 7]).
  private let frozen = [3, 2, 5, 1, 0, 4]

  /// The nine orders of four, each about as often as the others.
  @Test func allAreEquallyLikely() {
    var counts: [[Int]: Int] = [:]
    var stream = RandomStream(seed: 5, stream: 0)
    for _ in 0..<9_000 { counts[Derangement.draw(count: 4, from: &stream), default: 0] += 1 }
    #expect(counts.count == 9)
    let chi = counts.values.reduce(0.0) { $0 + (Double($1) - 1_000) * (Double($1) - 1_000) / 1_000 }
    #expect(chi < 26, "8 degrees of freedom, one in a thousand")
  }
}
