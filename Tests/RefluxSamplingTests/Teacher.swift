import Foundation
import RefluxRandom
import RefluxSampling
import RefluxTargets

/// A row of logits and its distribution in float64: what the sampler is judged against.
struct Teacher {
  let logits: [Float]
  let probabilities: [Double]

  init(logits: [Float]) {
    self.logits = logits
    let maximum = Double(logits.max() ?? 0)
    let masses = logits.map { Foundation.exp(Double($0) - maximum) }
    let total = masses.reduce(0, +)
    probabilities = masses.map { $0 / total }
  }

  /// Logits of a normal distribution of width `spread`: few likely ids and a long tail.
  init(size: Int, seed: UInt64, spread: Double = 2.5) {
    var random = RandomStream(seed: seed, stream: 1 << 40)
    self.init(logits: (0..<size).map { _ in Float(random.nextNormal() * spread + 3) })
  }

  /// Zipf's law with exponent 1: probability proportional to 1 / (id + 1).
  init(zipf size: Int) {
    self.init(logits: (0..<size).map { -Float(Foundation.log(Double($0 + 1))) })
  }

  /// The proposal q, proportional to t^tau.
  func proposal(tau: Double) -> [Double] {
    let masses = probabilities.map { Foundation.pow($0, tau) }
    let total = masses.reduce(0, +)
    return masses.map { $0 / total }
  }

  func sampler(
    _ estimator: Estimator, rounds: Int, tau: Double = 1, seed: UInt64 = 1
  ) throws -> Sampler {
    try Sampler(
      configuration: SamplerConfiguration(
        estimator: estimator, rounds: rounds, tau: tau, seed: seed),
      vocabularySize: logits.count)
  }
}

extension Sampler {
  /// One row's estimate of the whole distribution.
  mutating func estimate(_ teacher: Teacher, position: UInt64) throws -> [Double] {
    try sample(logits: teacher.logits.span, position: position)
    var estimate = [Double](repeating: 0, count: teacher.logits.count)
    for (id, weight) in zip(ids, weights) { estimate[Int(id)] = Double(weight) }
    return estimate
  }
}
