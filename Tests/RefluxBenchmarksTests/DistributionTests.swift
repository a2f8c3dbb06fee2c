import RefluxRandom
import Testing

@testable import RefluxBenchmarks

/// The draws follow their distributions; all seeds are fixed.
@Suite struct DistributionTests {
  @Test(arguments: [[1.0], [1, 1], [8, 1, 1, 0.001], [0.1, 0.2, 0.3, 0.4, 5]])
  func drawsInProportionToWeights(weights: [Double]) {
    let table = AliasTable(weights: weights)
    var stream = RandomStream(seed: 1, stream: 2)
    var hits = [Double](repeating: 0, count: weights.count)
    let draws = 200_000.0
    for _ in 0..<Int(draws) { hits[table.draw(&stream)] += 1 }
    let total = weights.reduce(0, +)
    for (hits, weight) in zip(hits, weights) {
      let p = weight / total
      // Five standard deviations of a binomial count.
      #expect(abs(hits - draws * p) <= 5 * (draws * p * (1 - p)).squareRoot())
    }
  }

  /// The k-th moment about 0 of a gamma variable is scale^k shape (shape + 1) ... (shape + k - 1).
  @Test(arguments: [(1, 1.0), (2, 0.9), (5, 2.0)])
  func hasTheMomentsOfGamma(shape: Int, scale: Double) {
    var stream = RandomStream(seed: 3, stream: UInt64(shape))
    let draws = (0..<100_000).map { _ in stream.nextGamma(shape: shape, scale: scale) }
    #expect(draws.allSatisfy { $0 >= 0 && $0.isFinite })
    let k = Double(shape)
    let mean = draws.reduce(0, +) / 1e5
    let variance = draws.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1e5
    // Five standard errors of the mean; of the variance, whose own is var sqrt((2 + 6 / k) / n).
    let band = scale * scale * k
    #expect(abs(mean - scale * k) < 5 * (band / 1e5).squareRoot())
    #expect(abs(variance - band) < 5 * band * ((2 + 6 / k) / 1e5).squareRoot())
  }

  /// A chi-squared variable of 4 degrees of freedom, halved: P(X <= x) = 1 - (1 + x) e^-x.
  @Test func hasTheDistributionOfGamma() {
    var stream = RandomStream(seed: 4, stream: 0)
    let below = (0..<100_000).filter { _ in stream.nextGamma(shape: 2, scale: 1) <= 1 }.count
    // 1 - 2 / e = 0.26424, with five standard deviations of 0.0014.
    #expect(abs(Double(below) / 1e5 - 0.26424) < 0.007)
  }
}
