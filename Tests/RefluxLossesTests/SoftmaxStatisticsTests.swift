import Foundation
import NumericSupport
import RefluxLosses
import RefluxRandom
import Testing

struct SoftmaxStatisticsTests {
  private func probabilities(_ logits: [Float]) -> [Double] {
    let high = Double(logits.max() ?? 0)
    let e = logits.map { exp(Double($0) - high) }
    let total = e.reduce(0, +)
    return e.map { $0 / total }
  }

  @Test(arguments: sizes)
  func agreesWithFloat64(count: Int) {
    var random = RandomStream(seed: 7, stream: UInt64(count))
    for scale in [0.1, 3, 30] {
      let logits = random.normals(count, scale: scale)
      let row = Walled<Float>(logits, offset: count % 16)
      let statistics = SoftmaxStatistics(row.view)
      let high = Double(logits.max()!)
      let exact = high + log(logits.reduce(0) { $0 + exp(Double($1) - high) })
      #expect(statistics.maximum == logits.max())
      #expect(abs(Double(statistics.logSumExp) - exact) <= 1e-6 * (1 + abs(exact)))
      #expect(statistics.argMax(row.view) == logits.firstIndex(of: logits.max()!))
      #expect(row.values == logits && row.wallsStand)
    }
  }

  @Test(arguments: sizes)
  func overlapIsTheSumOfMinima(count: Int) {
    var random = RandomStream(seed: 8, stream: UInt64(count))
    let (p, q) = (random.normals(count, scale: 2), random.normals(count, scale: 2))
    let (a, b) = (Walled<Float>(p, offset: 5), Walled<Float>(q, offset: 2))
    let found = SoftmaxStatistics.overlap(
      a.view, SoftmaxStatistics(a.view), b.view, SoftmaxStatistics(b.view))
    let exact = zip(probabilities(p), probabilities(q)).reduce(0) { $0 + min($1.0, $1.1) }
    #expect(abs(found - exact) < 1e-6)
    let same = SoftmaxStatistics.overlap(
      a.view, SoftmaxStatistics(a.view), a.view, SoftmaxStatistics(a.view))
    #expect(abs(same - 1) < 1e-6)
  }

  @Test func argMaxTakesTheFirstOfEquals() {
    let row = Walled<Float>([0, 3, 3, 1, 3])
    #expect(SoftmaxStatistics(row.view).argMax(row.view) == 1)
  }
}
