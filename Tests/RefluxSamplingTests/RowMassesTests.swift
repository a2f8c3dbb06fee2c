import Foundation
import NumericSupport
import RefluxMemory
import RefluxRandom
import RefluxSampling
import Testing

/// A row of masses in float64, by its definition.
private struct ExactMasses {
  let cumulative: [Double]

  init(_ logits: [Float], scale: Double) {
    let high = Double(logits.max()!)
    var total = 0.0
    cumulative = logits.map { logit in
      total += exp(scale * (Double(logit) - high))
      return total
    }
  }

  var total: Double { cumulative.last! }
}

struct RowMassesTests {
  private let arena = Arena()
  private static let lengths = [1, 2, 15, 16, 17, 63, 64, 65, 1023, 1024, 1025, 1100, 5000]

  private func masses(_ count: Int, points: Int = 1, _ set: InstructionSet) -> RowMasses {
    RowMasses(vocabularySize: count, points: points, arena: arena, instructionSet: set)
  }

  /// How often each id of a row is drawn by points at `fractions`.
  private func draws(
    _ fractions: [Double], _ row: View<Float>, scale: Double = 1, _ set: InstructionSet
  ) -> [Int] {
    let masses = masses(row.count, points: fractions.count, set)
    let points: View<Double> = lasting(fractions.count)
    points.copy(from: fractions.span)
    let maximum = masses.maximum(of: row)
    let total = masses.fill(row, minus: maximum, scale: scale)
    let found = masses.draw(points, from: row, minus: maximum, scale: scale, total: total)
    var counts = [Int](repeating: 0, count: row.count)
    for index in 0..<found {
      #expect(index == 0 || masses.ids[index] > masses.ids[index - 1])
      #expect(masses.counts[index] > 0)
      counts[Int(masses.ids[index])] = Int(masses.counts[index])
    }
    #expect(counts.reduce(0, +) == fractions.count)
    return counts
  }

  /// A point's id is that of a plain scan, but for points within float32's reach of a border.
  @Test(arguments: lengths, InstructionSet.available)
  func drawsAreThoseOfAPlainScan(count: Int, set: InstructionSet) {
    var random = RandomStream(seed: 40, stream: UInt64(count))
    for scale in [0.5, 1, 2] {
      let logits = random.normals(count, scale: 4)
      let row = Walled<Float>(logits, offset: count % 16)
      let exact = ExactMasses(logits, scale: scale)
      let masses = masses(count, set)
      #expect(masses.maximum(of: row.view) == logits.max())
      let total = masses.fill(row.view, minus: logits.max()!, scale: scale)
      #expect(abs(total - exact.total) <= 1e-6 * exact.total)
      let fractions = (0..<400).map { _ in 1 - random.nextUniform() }
      let counts = draws(fractions, row.view, scale: scale, set)
      let sorted = fractions.sorted()
      var drawn = 0
      for id in 0..<count {
        drawn += counts[id]
        let end = exact.cumulative[id] / exact.total
        #expect(drawn >= sorted.prefix { $0 <= end - 2e-6 }.count)
        #expect(drawn <= sorted.prefix { $0 <= end + 2e-6 }.count)
      }
      #expect(row.values == logits && row.wallsStand)
    }
  }

  /// Whole strips, whole blocks and both ends without any mass.
  @Test(arguments: InstructionSet.available)
  func idsWithoutMassAreNeverDrawn(set: InstructionSet) {
    for cold in [-Float.infinity, -200, -1e30] {
      var logits = [Float](repeating: cold, count: 4000)
      for id in stride(from: 1500, to: 3100, by: 7) { logits[id] = Float(id % 5) }
      let counts = draws(
        (1...1000).map { Double($0) / 1000 } + [0x1p-53, 1], Walled<Float>(logits).view, set)
      #expect(counts.indices.allSatisfy { counts[$0] == 0 || logits[$0] >= 0 })
      #expect(counts[1514] > 0 && counts[3089] > 0)
    }
  }

  /// Twenty points for every id of probability 1e-8, all of them after or before one near 1.
  @Test(arguments: InstructionSet.available)
  func idsBesideADominantOneKeepTheirShares(set: InstructionSet) {
    for (count, hot) in [(1024, 0), (1024, 500), (1024, 1023), (1100, 63), (3000, 1030)] {
      var logits = [Float](repeating: Float(log(1e-8)), count: count)
      logits[hot] = 0
      let exact = ExactMasses(logits, scale: 1)
      let (before, after) = (hot, count - 1 - hot)
      let step = exp(Double(logits[hot == 0 ? 1 : 0])) / exact.total / 20
      // A little into the dominant id, whose border float32 moves by more than a small id's width.
      let low = (0..<20 * before * 11 / 10).map { (Double($0) + 0.5) * step }
      let high = (0..<20 * after * 11 / 10).map { 1 - (Double($0) + 0.5) * step }
      let counts = draws(low + high, Walled<Float>(logits).view, set)
      for id in 0..<count where id != hot { #expect((19...21).contains(counts[id]), "\(id)") }
    }
  }

  @Test(arguments: sizes.filter { $0 > 0 }, InstructionSet.available)
  func theLargestAreThoseOfASort(count: Int, set: InstructionSet) {
    var random = RandomStream(seed: 41, stream: UInt64(count))
    let normal = random.normals(count, scale: 1)
    for logits in [normal, normal.map { ($0 * 2).rounded() / 2 }] {
      let row = Walled<Float>(logits, offset: 3)
      let masses = masses(count, set)
      let sorted = logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }
      for rank in [1, 2, 50, 64, 65, count] where rank <= count {
        masses.largest(rank, of: row.view, maximum: masses.maximum(of: row.view))
        let ids = (0..<rank).map { Int(masses.ids[$0]) }
        #expect(ids == sorted.prefix(rank).sorted())
        #expect((0..<rank).allSatisfy { masses.logits[$0] == logits[ids[$0]] })
      }
      #expect(row.values == logits && row.wallsStand)
    }
  }

  @Test(arguments: InstructionSet.available)
  func aNaNIsSeen(set: InstructionSet) {
    for count in [1, 40, 1500] {
      for place in [0, count / 2, count - 1] {
        var logits = [Float](repeating: 1, count: count)
        logits[place] = .nan
        let row = Walled<Float>(logits)
        let masses = masses(count, set)
        let maximum = masses.maximum(of: row.view)
        #expect(masses.fill(row.view, minus: maximum).isNaN)
      }
    }
  }
}
