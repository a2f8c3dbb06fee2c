import Foundation
import RefluxSampling
import RefluxTargets
import Testing

/// Means and variances of the estimators against their closed forms, with fixed seeds.
@Suite struct EstimatorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let estimator: Estimator
    let rounds: Int
    let tau: Double
    let size: Int
    var testDescription: String { "\(estimator) \(rounds) rounds tau \(tau) of \(size)" }
  }

  static let cases: [Case] = [
    Case(estimator: .multinomial, rounds: 50, tau: 1, size: 100),
    Case(estimator: .multinomial, rounds: 12, tau: 1, size: 3_000),
    Case(estimator: .multinomial, rounds: 1, tau: 1, size: 40),
    Case(estimator: .multinomial, rounds: 50, tau: 0.8, size: 100),
    Case(estimator: .multinomial, rounds: 20, tau: 0.5, size: 2_500),
    Case(estimator: .multinomial, rounds: 30, tau: 1.2, size: 60),
    Case(estimator: .systematic, rounds: 50, tau: 1, size: 100),
    Case(estimator: .systematic, rounds: 41, tau: 1, size: 3_000),
    Case(estimator: .systematic, rounds: 30, tau: 0.7, size: 500),
  ]

  /// Per id: (t_i / q_i)^2 times the variance of its count over N^2.
  static func variances(_ teacher: Teacher, _ test: Case) -> [Double] {
    let rounds = Double(test.rounds)
    return zip(teacher.probabilities, teacher.proposal(tau: test.tau)).map { t, q in
      let fraction = rounds * q - (rounds * q).rounded(.down)
      let variance =
        test.estimator == .systematic ? fraction * (1 - fraction) : rounds * q * (1 - q)
      return t / q * (t / q) * variance / (rounds * rounds)
    }
  }

  /// Ids that are drawn often enough for a normal band are checked one by one, the rest together.
  @Test(arguments: cases) func meansAreTheTeachers(test: Case) throws {
    let teacher = Teacher(size: test.size, seed: 7)
    let rows = 20_000
    var sums = [Double](repeating: 0, count: test.size)
    var sampler = try teacher.sampler(test.estimator, rounds: test.rounds, tau: test.tau)
    for position in 0..<rows {
      try sampler.sample(logits: teacher.logits.span, position: UInt64(position))
      for (id, weight) in zip(sampler.ids, sampler.weights) { sums[Int(id)] += Double(weight) }
    }
    let variances = Self.variances(teacher, test)
    let proposal = teacher.proposal(tau: test.tau)
    var (rest, restMean, restVariance) = (0.0, 0.0, 0.0)
    var checked = 0
    for id in 0..<test.size {
      if Double(rows * test.rounds) * proposal[id] > 100 {
        let band = 5 * (variances[id] / Double(rows)).squareRoot() + 1e-6
        #expect(abs(sums[id] / Double(rows) - teacher.probabilities[id]) < band, "id \(id)")
        checked += 1
      } else {
        rest += sums[id] / Double(rows)
        restMean += teacher.probabilities[id]
        restVariance += variances[id]
      }
    }
    #expect(checked >= 8)
    // Counts of different ids are correlated at most fully with one another.
    #expect(abs(rest - restMean) <= 5 * (restVariance / Double(rows)).squareRoot() + 1e-6)
  }

  /// E ||estimate - t||^2, within five standard errors of its own sample.
  @Test(arguments: cases) func variancesAreTheClosedForms(test: Case) throws {
    let teacher = Teacher(size: test.size, seed: 8)
    var sampler = try teacher.sampler(test.estimator, rounds: test.rounds, tau: test.tau, seed: 2)
    let rows = 4_000
    var (sum, squares) = (0.0, 0.0)
    for position in 0..<rows {
      let estimate = try sampler.estimate(teacher, position: UInt64(position))
      let error = zip(estimate, teacher.probabilities).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
      sum += error
      squares += error * error
    }
    let mean = sum / Double(rows)
    let spread = (squares / Double(rows) - mean * mean).squareRoot()
    let expected = Self.variances(teacher, test).reduce(0, +)
    #expect(abs(mean - expected) < 5 * spread / Double(rows).squareRoot())
  }

  /// At tau = 1 the sum of the closed form is (1 - sum t^2) / N.
  @Test func closedFormsAgreeWithEachOther() {
    let teacher = Teacher(size: 200, seed: 3)
    let test = Case(estimator: .multinomial, rounds: 50, tau: 1, size: 200)
    let squares = teacher.probabilities.reduce(0) { $0 + $1 * $1 }
    #expect(abs(Self.variances(teacher, test).reduce(0, +) - (1 - squares) / 50) < 1e-12)
  }

  /// Distinct ids per row: sum of 1 - (1 - t)^N, or sum of min(1, N t) for systematic draws.
  @Test(arguments: [2, 10, 50, 250]) func distinctIDsFollowTheirCurve(rounds: Int) throws {
    let teacher = Teacher(size: 2_000, seed: 5)
    let rows = 2_000
    for estimator in [Estimator.multinomial, .systematic] {
      var sampler = try teacher.sampler(estimator, rounds: rounds)
      var (sum, squares) = (0.0, 0.0)
      for position in 0..<rows {
        try sampler.sample(logits: teacher.logits.span, position: UInt64(position))
        sum += Double(sampler.ids.count)
        squares += Double(sampler.ids.count * sampler.ids.count)
      }
      let mean = sum / Double(rows)
      let spread = max(squares / Double(rows) - mean * mean, 0).squareRoot()
      let expected = teacher.probabilities.reduce(0) { total, t in
        estimator == .systematic
          ? total + min(1, Double(rounds) * t) : total + 1 - Foundation.pow(1 - t, Double(rounds))
      }
      #expect(abs(mean - expected) < 5 * spread / Double(rows).squareRoot() + 1e-3)
    }
  }

  /// Fewer distinct errors at the same storage: the reason for systematic draws.
  @Test func systematicVarianceIsNeverAboveMultinomial() {
    let teacher = Teacher(size: 500, seed: 6)
    for rounds in [1, 5, 50, 127] {
      let multinomial = Case(estimator: .multinomial, rounds: rounds, tau: 1, size: 500)
      let systematic = Case(estimator: .systematic, rounds: rounds, tau: 1, size: 500)
      for (s, m) in zip(Self.variances(teacher, systematic), Self.variances(teacher, multinomial)) {
        #expect(s <= m + 1e-15)
      }
    }
  }
}
