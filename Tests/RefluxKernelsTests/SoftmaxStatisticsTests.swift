import Foundation
import RefluxKernels
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

  @Test(arguments: sizes)
  func exponentialsAndTheirBlockSums(count: Int) {
    var random = RandomStream(seed: 9, stream: UInt64(count))
    let logits = random.normals(count, scale: 4)
    let row = Walled<Float>(logits, offset: 1)
    let output = Walled<Float>(count: count, offset: 7)
    var sums: [Float] = []
    exponentials(of: row.view, minus: 2, scale: 0.5, into: output.view) { index, sum in
      #expect(index == sums.count)
      sums.append(sum)
    }
    let exact = logits.map { exp((Double($0) - 2) * 0.5) }
    for (index, expected) in exact.enumerated() {
      // Two ulp of the exponential and one of its argument.
      let bound = (2 + abs(log(expected))) * 0x1p-23 * expected
      #expect(abs(Double(output.values[index]) - expected) <= bound)
    }
    #expect(sums.count == (count + 1023) / 1024)
    let total = exact.reduce(0, +)
    let found = sums.reduce(0) { $0 + Double($1) }
    #expect(abs(found - total) <= 1e-6 * total)
    #expect(row.wallsStand && output.wallsStand)
  }

  /// Every 4,096th float between the ends of the promised range, and its promised 2 ulp.
  @Test func exponentialIsWithinTwoUlp() {
    var inputs: [Float] = []
    for limit in [Float(87.3), -87.3] {
      inputs += stride(from: 0, through: limit.bitPattern & 0x7FFF_FFFF, by: 4096).map {
        Float(sign: limit.sign, exponent: 0, significand: 1) * Float(bitPattern: $0)
      }
    }
    inputs.removeLast(inputs.count % 16)
    let row = Walled<Float>(inputs)
    let output = Walled<Float>(count: inputs.count)
    exponentials(of: row.view, minus: 0, into: output.view) { _, _ in }
    var worst = 0.0
    for (x, found) in zip(inputs, output.values) {
      let exact = exp(Double(x))
      worst = max(worst, abs(Double(found) - exact) / Double(Float(exact).ulp))
    }
    #expect(worst <= 2, "worst error \(worst) ulp")
  }
}
