import Foundation
import RefluxSampling
import RefluxTargets
import Testing

/// Rows where one id has nearly all the mass: float32 sums beside it would lose all the others.
@Suite struct DominantIDTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let estimator: Estimator
    let tau: Double
    let size: Int
    /// Where the dominant id is.
    let place: Int
    /// Logarithm of another id's mass over its own.
    let below: Double
    var testDescription: String { "\(estimator) tau \(tau), id \(place) of \(size)" }
  }

  static let cases: [Case] = [
    Case(estimator: .multinomial, tau: 1, size: 1_024, place: 0, below: log(1e-8)),
    Case(estimator: .multinomial, tau: 1, size: 1_024, place: 1_000, below: log(1e-8)),
    Case(estimator: .systematic, tau: 1, size: 1_024, place: 0, below: log(1e-8)),
    Case(estimator: .multinomial, tau: 2, size: 1_024, place: 0, below: log(9.8e-5 / 0.9)),
    Case(estimator: .systematic, tau: 2, size: 3_000, place: 1_030, below: log(6e-5 / 0.9)),
  ]

  /// The others' draws are as many as they should be, on as many ids, the same in every part of
  /// the row; and every weight is t / q times count / N.
  @Test(arguments: cases) func theOthersAreDrawnByTheirShares(test: Case) throws {
    var logits = [Float](repeating: Float(test.below), count: test.size)
    logits[test.place] = 0
    let teacher = Teacher(logits: logits)
    let (rounds, rows) = (65_536, 400)
    var sampler = try teacher.sampler(test.estimator, rounds: rounds, tau: test.tau)
    var drawn = [Int](repeating: 0, count: test.size)
    let other = test.place == 0 ? 1 : 0
    let proposal = teacher.proposal(tau: test.tau)
    let ratio = teacher.probabilities[other] / proposal[other]
    for position in 0..<rows {
      try sampler.sample(logits: logits.span, position: UInt64(position))
      for index in sampler.ids.indices where Int(sampler.ids[index]) != test.place {
        drawn[Int(sampler.ids[index])] += Int(sampler.counts[index])
        let weight = ratio * Double(sampler.counts[index]) / Double(rounds)
        #expect(abs(Double(sampler.weights[index]) / weight - 1) < 1e-5)
      }
    }
    drawn.remove(at: test.place)
    let total = Double(drawn.reduce(0, +))
    let expected = Double(rows * rounds) * proposal[other] * Double(test.size - 1)
    #expect(abs(total - expected) < 5 * expected.squareRoot())
    let distinct = Double(drawn.count { $0 > 0 })
    let misses = exp(-total / Double(drawn.count))
    let spread = (Double(drawn.count) * misses * (1 - misses)).squareRoot()
    #expect(abs(distinct - Double(drawn.count) * (1 - misses)) < 5 * spread)
    for part in 0..<4 {
      let ids = part * drawn.count / 4..<(part + 1) * drawn.count / 4
      let share = total * Double(ids.count) / Double(drawn.count)
      #expect(abs(Double(drawn[ids].reduce(0, +)) - share) < 5 * share.squareRoot())
    }
  }
}
