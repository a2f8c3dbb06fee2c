import Foundation
import NumericSupport
import RefluxMemory
import RefluxRandom
import RefluxSampling
import RefluxTargets
import Testing

/// Single rows, draw by draw.
@Suite struct DrawTests {
  static let sizes = [
    1, 2, 3, 15, 16, 17, 31, 33, 63, 64, 65, 127, 1_023, 1_024, 1_025, 1_040, 2_047, 2_049, 5_000,
    50_257,
  ]

  /// The fractions that the frozen algorithm draws at, by its definition.
  static func fractions(_ sampler: Sampler, position: UInt64) -> [Double] {
    let configuration = sampler.configuration
    var random = RandomStream(seed: configuration.seed, stream: position)
    let rounds = configuration.rounds
    if configuration.estimator == .systematic {
      let offset = random.nextUniform()
      return (1...rounds).map { (Double($0) - offset) / Double(rounds) }
    }
    return (0..<rounds).map { _ in 1 - random.nextUniform() }.sorted()
  }

  /// Every id's cumulative count is that of a plain scan over float64 probabilities, but for
  /// points within the rounding of float32 exponentials of the id's boundary.
  @Test(arguments: sizes, [Estimator.multinomial, .systematic])
  func drawsAreThoseOfAPlainScan(size: Int, estimator: Estimator) throws {
    for (rounds, tau) in [(1, 1.0), (50, 1), (400, 1), (50, 0.6)] {
      let teacher = Teacher(size: size, seed: UInt64(size))
      var sampler = try teacher.sampler(estimator, rounds: rounds, tau: tau)
      let proposal = teacher.proposal(tau: tau)
      for position in [0, 1, UInt64.max] {
        try sampler.sample(logits: teacher.logits.span, position: position)
        let fractions = Self.fractions(sampler, position: position)
        var (end, drawn, entry) = (0.0, 0, 0)
        for id in 0..<size {
          end += proposal[id]
          if entry < sampler.ids.count, Int(sampler.ids[entry]) == id {
            drawn += Int(sampler.counts[entry])
            entry += 1
          }
          let atLeast = fractions.prefix { $0 <= end - 4e-6 }.count
          let atMost = fractions.prefix { $0 <= end + 4e-6 }.count
          #expect((atLeast...atMost).contains(drawn), "id \(id)")
        }
        #expect(entry == sampler.ids.count && drawn == rounds)
      }
    }
  }

  @Test(arguments: sizes, [(Estimator.multinomial, 1.0), (.multinomial, 0.7), (.systematic, 1)])
  func resultsAreWellFormed(size: Int, kind: (estimator: Estimator, tau: Double)) throws {
    let teacher = Teacher(size: size, seed: 4)
    var sampler = try teacher.sampler(kind.estimator, rounds: 50, tau: kind.tau)
    #expect(sampler.isWeighted == (kind.tau != 1))
    for position in 0..<20 {
      try sampler.sample(logits: teacher.logits.span, position: UInt64(position))
      #expect(sampler.counts.reduce(0, +) == 50)
      #expect(sampler.counts.allSatisfy { $0 > 0 })
      #expect(zip(sampler.ids, sampler.ids.dropFirst()).allSatisfy { $0 < $1 })
      #expect(sampler.ids.allSatisfy { $0 < size })
      #expect(sampler.weights.count == sampler.ids.count)
      let proposal = teacher.proposal(tau: kind.tau)
      for ((id, count), weight) in zip(zip(sampler.ids, sampler.counts), sampler.weights) {
        let ratio = teacher.probabilities[Int(id)] / proposal[Int(id)]
        #expect(abs(Double(weight) / (ratio * Double(count) / 50) - 1) < 3e-6)
      }
    }
  }

  /// Each count is N t rounded down or up.
  @Test func systematicCountsAreRoundedExpectations() throws {
    for (size, rounds) in [(10, 50), (300, 41), (3_000, 100), (4_096, 2_000)] {
      let teacher = Teacher(size: size, seed: 12)
      var sampler = try teacher.sampler(.systematic, rounds: rounds)
      for position in 0..<50 {
        let estimate = try sampler.estimate(teacher, position: UInt64(position))
        for (weight, t) in zip(estimate, teacher.probabilities) {
          let (count, expected) = (weight * Double(rounds), Double(rounds) * t)
          #expect(count > expected - 1.001 && count < expected + 1.001)
        }
      }
    }
  }

  @Test func drawsDependOnSeedAndPositionOnly() throws {
    let teacher = Teacher(size: 3_000, seed: 20)
    let other = Teacher(size: 3_000, seed: 21)
    for estimator in [Estimator.multinomial, .systematic] {
      var one = try teacher.sampler(estimator, rounds: 50, seed: 5)
      var two = one
      try one.sample(logits: teacher.logits.span, position: 77)
      for position in UInt64(0)..<5 {
        try two.sample(logits: other.logits.span, position: position)
      }
      try two.sample(logits: teacher.logits.span, position: 77)
      #expect(one.ids == two.ids && one.counts == two.counts)
      let first = (one.ids, one.counts)
      try two.sample(logits: teacher.logits.span, position: 78)
      #expect(one.ids != two.ids || one.counts != two.counts)
      #expect(first == (one.ids, one.counts))
      var third = try teacher.sampler(estimator, rounds: 50, seed: 6)
      try third.sample(logits: teacher.logits.span, position: 77)
      #expect(one.ids != third.ids || one.counts != third.counts)
    }
  }

  @Test func viewsAndSpansGiveTheSame() throws {
    let teacher = Teacher(size: 1_111, seed: 30)
    let arena = Arena()
    let view: View<Float> = arena.take(1_111)
    view.copy(from: teacher.logits.span)
    for estimator in Estimator.allCases {
      var one = try teacher.sampler(estimator, rounds: 20)
      var two = one
      try one.sample(logits: teacher.logits.span, position: 3)
      try two.sample(logits: view, position: 3)
      #expect(one.ids == two.ids && one.counts == two.counts && one.weights == two.weights)
    }
    #expect((0..<1_111).allSatisfy { view[$0] == teacher.logits[$0] })
  }

  /// Adding a constant to all logits changes nothing, however large they are.
  @Test func logitsMayHaveAnyOffset() throws {
    let logits = (0..<2_000).map { Float($0 % 37) / 4 }
    let shifted = logits.map { $0 - 32_768 }
    let (one, other) = (Teacher(logits: logits), Teacher(logits: shifted))
    for estimator in Estimator.allCases {
      var a = try one.sampler(estimator, rounds: 30)
      var b = try other.sampler(estimator, rounds: 30)
      try a.sample(logits: one.logits.span, position: 1)
      try b.sample(logits: other.logits.span, position: 1)
      #expect(a.ids == b.ids && a.counts == b.counts && a.weights == b.weights)
    }
  }
}
