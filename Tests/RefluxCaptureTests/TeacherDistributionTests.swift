import Foundation
import RefluxMemory
import Testing

@testable import RefluxCapture

/// The numbers of a whole row of logits against sums in float64.
struct TeacherDistributionTests {
  /// Rows of a few sizes: flat, peaked, with ids of no probability, and far from 0.
  static let rows: [[Float]] = {
    func row(_ count: Int, _ value: (Double) -> Double) -> [Float] {
      (0..<count).map { Float(value(Double($0))) }
    }
    return [
      [0], [3, -.infinity, 2.5], row(67) { -3 * log($0 + 1) }, row(1_000) { sin(7 * $0) },
      row(5_003) { 12 * sin($0 * $0) }, row(300) { 900 + 40 * cos($0) },
      row(130) { $0 == 77 ? 60 : -60 + $0 / 100 },
    ]
  }()

  private func probabilities(_ row: [Float], _ temperature: Double) -> [Double] {
    let scaled = row.map { Double($0) / temperature }
    let most = scaled.max() ?? 0
    let masses = scaled.map { exp($0 - most) }
    let total = masses.reduce(0, +)
    return masses.map { $0 / total }
  }

  private func distribution<Result>(
    _ row: [Float], _ temperature: Double,
    _ body: (TeacherDistribution, View<Float>) throws -> Result
  ) rethrows -> Result {
    let arena = Arena()
    let view: View<Float> = arena.take(row.count)
    view.copy(from: row.span)
    return try withExtendedLifetime(arena) {
      try body(TeacherDistribution(view, temperature: temperature), view)
    }
  }

  @Test(arguments: rows, [0.01, 0.3, 0.5, 1, 2, 8])
  func powersAreExact(row: [Float], gamma: Double) {
    for temperature in [0.5, 1, 3] {
      let exact = probabilities(row, temperature).reduce(0) { $0 + ($1 > 0 ? pow($1, gamma) : 0) }
      distribution(row, temperature) { whole, logits in
        let found = Double(whole.power(logits, gamma: gamma))
        #expect(abs(found - exact) <= (1 + gamma) * 1e-6 * exact, "\(found), expected \(exact)")
        if gamma == 1 { #expect(found == 1) }
      }
    }
  }

  @Test(arguments: rows) func theRestIsOfTheTemperature(row: [Float]) {
    for temperature in [0.5, 1, 3] {
      let exact = probabilities(row, temperature)
      let entropy = exact.reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) }
      let sum = row.map { Double($0) / temperature }
      let most = sum.max() ?? 0
      let logSum = most + log(sum.reduce(0) { $0 + exp($1 - most) })
      distribution(row, temperature) { whole, logits in
        let error = 1e-6 * max(1, abs(logSum))
        #expect(abs(Double(whole.logSumExp) - logSum) < error)
        #expect(abs(Double(whole.entropy(logits)) - entropy) < error * max(1, entropy))
        for (logit, p) in zip(row, exact) {
          #expect(abs(Double(whole.probability(logit)) - p) <= 2 * error * p + 1e-30)
        }
      }
    }
  }
}
