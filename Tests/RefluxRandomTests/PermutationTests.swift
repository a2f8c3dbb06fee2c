import RefluxRandom
import Testing

@Suite struct PermutationTests {
  /// The whole order, and whether it holds every index once.
  static func isBijection(count: Int, seed: UInt64) -> Bool {
    let permutation = Permutation(count: count, seed: seed)
    var seen = [Bool](repeating: false, count: count)
    for place in 0..<count {
      let index = permutation[place]
      if index < 0 || index >= count || seen[index] { return false }
      seen[index] = true
    }
    return true
  }

  @Test func isABijectionForEverySmallCount() {
    for count in 0...5_000 {
      #expect(Self.isBijection(count: count, seed: UInt64(count % 3)), "count \(count)")
    }
  }

  @Test(arguments: 1...20) func isABijectionAroundPowersOfTwo(exponent: Int) {
    for count in (1 << exponent) - 1...(1 << exponent) + 1 {
      for seed in [0, UInt64.max] {
        #expect(Self.isBijection(count: count, seed: seed), "count \(count)")
      }
    }
  }

  /// Counts that no test can walk through: results stay inside and neighbours differ.
  @Test(arguments: [Int(UInt32.max), 1 << 40, (1 << 40) + 1, Int.max - 1, Int.max])
  func holdsForHugeCounts(count: Int) {
    let permutation = Permutation(count: count, seed: 8)
    let places = Array(0..<1_000) + (count - 1_000..<count)
    let indices = places.map { permutation[$0] }
    #expect(indices.allSatisfy { $0 >= 0 && $0 < count })
    #expect(Set(indices).count == places.count)
    #expect(indices.contains { $0 > count / 2 } && indices.contains { $0 < count / 2 })
  }

  /// Count, seed and the order's beginning by a second implementation: References/philox.py.
  /// Any change of these is a change of every run's batches.
  static let frozen: [(count: Int, seed: UInt64, beginning: [Int])] = [
    (1, 0, [0]),
    (2, 0, [0, 1]),
    (3, 0, [1, 2, 0]),
    (10, 1, [7, 8, 4, 1, 6, 0, 2, 3]),
    (1000, 2, [123, 534, 282, 535, 247, 635, 303, 722]),
    (1_048_576, 3, [104_944, 266_135, 682_912, 35_993, 195_084, 776_963, 1_047_191, 702_028]),
    (
      .max, 4,
      [
        3_631_237_430_350_523_311, 7_551_242_902_563_750_254, 6_862_199_660_485_189_093,
        2_477_530_920_820_510_859, 5_945_254_658_455_074_915, 1_633_693_900_862_117_334,
        2_660_670_292_361_230_361, 775_010_915_764_989_276,
      ]
    ),
    (257, .max, [197, 188, 208, 199, 6, 216, 242, 248]),
  ]

  @Test(arguments: frozen) func ordersAreFrozen(count: Int, seed: UInt64, beginning: [Int]) {
    let permutation = Permutation(count: count, seed: seed)
    #expect(beginning.indices.map { permutation[$0] } == beginning)
  }

  /// Displacements (index - place) modulo count fall evenly into cells, for many counts and seeds.
  @Test(arguments: [1_000, 4_096, 65_536, 100_003]) func displacementsAreUniform(count: Int) {
    let cells = 50
    for seed in 0..<UInt64(8) {
      let permutation = Permutation(count: count, seed: seed)
      var counts = [Int](repeating: 0, count: cells)
      for place in 0..<count {
        let displacement = (permutation[place] - place + count) % count
        counts[displacement * cells / count] += 1
      }
      let chiSquare = Self.chiSquare(counts)
      // 49 degrees of freedom: mean 49, standard deviation 9.9; five of them either way.
      #expect(abs(chiSquare - 49) < 50, "seed \(seed): \(chiSquare)")
    }
  }

  /// Neighbours in the order are unrelated: their differences are uniform too.
  @Test func neighboursAreUnrelated() {
    let (count, cells) = (65_537, 64)
    let permutation = Permutation(count: count, seed: 77)
    var counts = [Int](repeating: 0, count: cells)
    for place in 1..<count {
      let step = (permutation[place] - permutation[place - 1] + count) % count
      counts[step * cells / count] += 1
    }
    #expect(abs(Self.chiSquare(counts) - 63) < 57)
  }

  /// Over many seeds every order of a few indices comes up equally often.
  @Test(arguments: [2, 3, 4, 5]) func smallOrdersAreEquallyLikely(count: Int) {
    let orders = (1...count).reduce(1, *)
    var counts: [[Int]: Int] = [:]
    for seed in 0..<UInt64(orders * 400) {
      let permutation = Permutation(count: count, seed: seed)
      counts[(0..<count).map { permutation[$0] }, default: 0] += 1
    }
    #expect(counts.count == orders)
    let freedom = Double(orders - 1)
    let chiSquare = Self.chiSquare(Array(counts.values))
    #expect(abs(chiSquare - freedom) < 5 * (2 * freedom).squareRoot(), "\(chiSquare)")
  }

  @Test func seedsGiveUnrelatedOrders() {
    let one = Permutation(count: 10_000, seed: 1)
    let other = Permutation(count: 10_000, seed: 2)
    let agreements = (0..<10_000).count { one[$0] == other[$0] }
    // The number of fixed points of a random permutation has mean 1 and variance 1.
    #expect(agreements < 8)
  }

  @Test func badIndicesAndCountsTrap() async {
    await #expect(processExitsWith: .failure) { _ = Permutation(count: -1, seed: 0) }
    await #expect(processExitsWith: .failure) { _ = Permutation(count: 5, seed: 0)[5] }
    await #expect(processExitsWith: .failure) { _ = Permutation(count: 0, seed: 0)[0] }
  }

  static func chiSquare(_ counts: [Int]) -> Double {
    let expected = Double(counts.reduce(0, +)) / Double(counts.count)
    return counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) } / expected
  }
}
