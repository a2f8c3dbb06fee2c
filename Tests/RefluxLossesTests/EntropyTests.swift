import Foundation
import NumericSupport
import RefluxLosses
import RefluxMemory
import RefluxRandom
import RefluxTargets
import Testing

/// Entropies of the student's rows against their definition in float64.
struct EntropyTests {
  private func rows(_ size: Int, scale: Double) -> [[Float]] {
    var random = RandomStream(seed: 31, stream: UInt64(size))
    var rows = (0..<5).map { _ in (0..<size).map { _ in Float(scale * random.nextNormal()) } }
    rows[1] = rows[1].map { $0 + 1000 }
    rows[2][0] = 60
    for id in 1..<size where id % 3 == 0 { rows[3][id] = -.infinity }
    rows[4] = [Float](repeating: 0.25, count: size)
    return rows
  }

  private func entropy(_ row: [Float], cap: Double?) -> Double {
    let z = row.map { x in cap.map { $0 * tanh(Double(x) / $0) } ?? Double(x) }
    let high = z.max() ?? 0
    let total = z.reduce(0) { $0 + exp($1 - high) }
    return z.reduce(0) { sum, z in
      let log = z - high - Foundation.log(total)
      return exp(log) > 0 ? sum - exp(log) * log : sum
    }
  }

  @Test(arguments: [1, 2, 15, 33, 67, 1023, 1024, 1025, 5000], [nil, 30.0])
  func areThoseOfTheDefinition(size: Int, cap: Double?) throws {
    var options = LossOptions()
    options.softcap = cap
    for scale in [0.1, 3, 12] {
      let rows = rows(size, scale: scale)
      for choice in [ObjectiveChoice(.ce), ObjectiveChoice(.sinkd)] {
        let kind = choice.name.entry.kinds[0]
        let loss = try BatchLoss(
          choice, kind: kind, options: options, rows: 32, window: 32, vocabularySize: size,
          workers: 2)
        let logits = WalledMatrix<Float>(rows, gap: 3)
        let found: View<Float> = lasting(rows.count)
        loss.entropies(of: logits.matrix, into: found, worker: 1)
        for (row, values) in rows.enumerated() {
          let expected = entropy(values, cap: cap)
          #expect(
            abs(Double(found[row]) - expected) < 2e-6 * (1 + expected),
            "\(choice) \(size) \(scale) \(row): \(found[row]) \(expected)")
        }
      }
    }
  }

  @Test func aRowWithoutNumbersHasNone() throws {
    let loss = try BatchLoss(
      ObjectiveChoice(.ce), kind: .label, rows: 2, window: 1, vocabularySize: 3, workers: 1)
    let found: View<Float> = lasting(2)
    let logits = WalledMatrix<Float>([[0, .nan, 1], [1, .infinity, 0]], gap: 0)
    loss.entropies(of: logits.matrix, into: found, worker: 0)
    #expect(found[0].isNaN && found[1].isNaN)
  }
}
