import RefluxRandom
import RefluxSampling
import RefluxTargets
import Testing

/// Top-K against sorting the whole row.
@Suite struct TopTests {
  static func expect(_ teacher: Teacher, limit: Int) throws {
    var sampler = try teacher.sampler(.topk, rounds: limit)
    try sampler.sample(logits: teacher.logits.span, position: 0)
    let order = teacher.logits.indices.sorted {
      (-teacher.logits[$0], $0) < (-teacher.logits[$1], $1)
    }
    let expected = order.prefix(limit).sorted()
    #expect(sampler.ids.map { Int($0) } == expected)
    #expect(sampler.isWeighted && sampler.counts.isEmpty)
    for (id, weight) in zip(expected, sampler.weights) {
      #expect(abs(Double(weight) / teacher.probabilities[id] - 1) < 3e-6)
    }
  }

  @Test(arguments: DrawTests.sizes) func keepsTheLargest(size: Int) throws {
    for limit in [1, 2, 12, 50, 63, 64, 65, 100, 300, size] {
      try Self.expect(Teacher(size: size, seed: UInt64(limit)), limit: limit)
    }
  }

  /// Equal logits go to the lower ids, wherever the cut falls.
  @Test(arguments: [5, 64, 200]) func tiesGoToLowerIDs(levels: Int) throws {
    for limit in [1, 10, 64, 65, 500] {
      var random = RandomStream(seed: UInt64(levels), stream: UInt64(limit))
      let logits = (0..<3_001).map { _ in Float(random.next() % UInt64(levels)) / 8 - 4 }
      try Self.expect(Teacher(logits: logits), limit: limit)
    }
    try Self.expect(Teacher(logits: [0, -0.0, 0, -0.0]), limit: 3)
  }

  /// Orders that are hardest on a selection in one pass.
  @Test func sortedRowsAreNoExceptions() throws {
    let ascending = (0..<4_000).map { Float($0) / 500 }
    for limit in [12, 100, 1_000] {
      try Self.expect(Teacher(logits: ascending), limit: limit)
      try Self.expect(Teacher(logits: ascending.reversed()), limit: limit)
    }
  }

  @Test func idsWithoutProbabilityAreLeftOut() throws {
    let logits: [Float] = [-.infinity, 1, -.infinity, 2, -1_000]
    var sampler = try Teacher(logits: logits).sampler(.topk, rounds: 5)
    try sampler.sample(logits: logits.span, position: 0)
    #expect(sampler.ids == [1, 3])
  }

  /// The published toy figure: Zipf over 100,000 ids, K = 20.
  @Test func zipfFiguresAreThePublishedOnes() throws {
    let teacher = Teacher(zipf: 100_000)
    var sampler = try teacher.sampler(.topk, rounds: 20)
    try sampler.sample(logits: teacher.logits.span, position: 0)
    #expect(sampler.ids == Array(0..<20))
    let mass = sampler.weights.reduce(0, +)
    #expect(abs(sampler.weights[0] - 0.0827) < 5e-5)
    #expect(abs(sampler.weights[1] / mass - 0.1390) < 5e-5)
    #expect(abs(sampler.weights[0] * (2 - mass) - 0.1408) < 5e-5)
    #expect(abs(sampler.weights[1] * (2 - mass) - 0.0704) < 5e-5)
  }
}
