import Foundation
import RefluxSampling
import RefluxTargets
import Testing

/// Draws from a softmax at a temperature, and counts that stay uncorrected.
struct TemperatureTests {
  let teacher = Teacher(size: 400, seed: 12)

  private func sampler(
    _ estimator: Estimator, rounds: Int, tau: Double = 1, temperature: Double = 1,
    isUncorrected: Bool = false
  ) throws -> Sampler {
    var configuration = SamplerConfiguration(
      estimator: estimator, rounds: rounds, tau: tau, seed: 3)
    configuration.temperature = temperature
    configuration.isUncorrected = isUncorrected
    return try Sampler(configuration: configuration, vocabularySize: teacher.logits.count)
  }

  /// Many rows' mean weight of every id, against `expected` within five standard errors of counts.
  private func check(_ sampler: Sampler, against expected: [Double], rounds: Int) throws {
    var sampler = sampler
    let rows = 4_000
    var sums = [Double](repeating: 0, count: expected.count)
    for position in 0..<rows {
      try sampler.sample(logits: teacher.logits.span, position: UInt64(position))
      for (id, weight) in zip(sampler.ids, sampler.weights) { sums[Int(id)] += Double(weight) }
    }
    for (sum, p) in zip(sums, expected) where p > 0.002 {
      let band = 5 * (p * (1 - p) / Double(rows * rounds)).squareRoot() + 1e-6
      #expect(abs(sum / Double(rows) - p) < band)
    }
  }

  /// Uncorrected counts at tau are an estimate of p^tau / sum p^tau, and exact: they sum to rounds.
  @Test(arguments: [Estimator.multinomial, .systematic], [0.3, 0.5, 1.5])
  func uncorrectedCountsAreOfTheProposal(estimator: Estimator, tau: Double) throws {
    var one = try sampler(estimator, rounds: 50, tau: tau, isUncorrected: true)
    #expect(!one.isWeighted)
    try one.sample(logits: teacher.logits.span, position: 7)
    #expect(one.counts.reduce(0, +) == 50)
    #expect(one.weights == one.counts.map { Float($0) / 50 })
    try check(one, against: teacher.proposal(tau: tau), rounds: 50)
  }

  /// The draws themselves are those of the corrected set.
  @Test func correctingChangesNoDraw() throws {
    var counted = try sampler(.multinomial, rounds: 50, tau: 0.5, isUncorrected: true)
    var weighted = try sampler(.multinomial, rounds: 50, tau: 0.5)
    for position in 0..<20 {
      try counted.sample(logits: teacher.logits.span, position: UInt64(position))
      try weighted.sample(logits: teacher.logits.span, position: UInt64(position))
      #expect(counted.ids == weighted.ids && counted.counts == weighted.counts)
    }
  }

  /// p of the logits / T is p^(1 / T), normalised.
  @Test(arguments: [0.5, 2, 10]) func drawsAreOfTheTemperature(temperature: Double) throws {
    try check(
      try sampler(.multinomial, rounds: 50, temperature: temperature),
      against: teacher.proposal(tau: 1 / temperature), rounds: 50)
  }

  @Test(arguments: [0.5, 2, 10]) func topSetsAreOfTheTemperature(temperature: Double) throws {
    var top = try sampler(.topk, rounds: 12, temperature: temperature)
    try top.sample(logits: teacher.logits.span, position: 0)
    let expected = teacher.proposal(tau: 1 / temperature)
    for (id, weight) in zip(top.ids, top.weights) {
      #expect(abs(Double(weight) - expected[Int(id)]) < 2e-6 * expected[Int(id)])
    }
  }

  /// Importance weights at another tau correct back to p of the temperature.
  @Test func weightsCorrectBackToTheTemperature() throws {
    var drawn = try sampler(.multinomial, rounds: 1, tau: 0.5, temperature: 2)
    let (target, proposal) = (teacher.proposal(tau: 0.5), teacher.proposal(tau: 0.25))
    for position in 0..<50 {
      try drawn.sample(logits: teacher.logits.span, position: UInt64(position))
      let id = Int(drawn.ids[0])
      let expected = target[id] / proposal[id]
      #expect(abs(Double(drawn.weights[0]) - expected) < 1e-5 * expected)
    }
  }
}
