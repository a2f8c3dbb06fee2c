import Foundation
import RefluxRandom
import Testing

@testable import RefluxKernels

/// A row of masses in float64, by the book.
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

  /// A point's id is that of a plain scan, but for points within float32's reach of a border.
  @Test(arguments: lengths, InstructionSet.available)
  func drawsAreThoseOfAPlainScan(count: Int, set: InstructionSet) {
    var random = RandomStream(seed: 40, stream: UInt64(count))
    for scale in [0.5, 1, 2] {
      let logits = random.normals(count, scale: 4)
      let row = Walled<Float>(logits, offset: count % 16)
      let masses = RowMasses(vocabularySize: count, arena: arena, instructionSet: set)
      let exact = ExactMasses(logits, scale: scale)
      let maximum = masses.maximum(of: row.view)
      #expect(maximum == logits.max())
      let total = masses.fill(row.view, minus: maximum, scale: scale)
      #expect(abs(total - exact.total) <= 1e-6 * exact.total)
      let fractions = (0..<400).map { _ in 1 - random.nextUniform() }.sorted()
      let ids: View<UInt32> = lasting(400)
      let found = masses.draw(
        fractions.span, from: row.view, minus: maximum, scale: scale, total: total, into: ids)
      for index in 0..<found {
        let point = fractions[index] * exact.total
        let id = Int(ids[index])
        let before = id == 0 ? 0 : exact.cumulative[id - 1]
        #expect(before - 2e-6 * exact.total <= point)
        #expect(point <= exact.cumulative[id] + 2e-6 * exact.total)
        #expect(index == 0 || ids[index] >= ids[index - 1])
      }
      for fraction in fractions[found...] { #expect(fraction > 1 - 1e-6) }
      #expect(row.values == logits && row.wallsStand)
    }
  }

  /// Whole strips, whole blocks and both ends without any mass.
  @Test(arguments: InstructionSet.available)
  func idsWithoutMassAreNeverDrawn(set: InstructionSet) {
    for cold in [-Float.infinity, -200, -1e30] {
      var logits = [Float](repeating: cold, count: 4000)
      for id in stride(from: 1500, to: 3100, by: 7) { logits[id] = Float(id % 5) }
      let row = Walled<Float>(logits)
      let masses = RowMasses(vocabularySize: 4000, arena: arena, instructionSet: set)
      let maximum = masses.maximum(of: row.view)
      let total = masses.fill(row.view, minus: maximum)
      let fractions = (1...1000).map { Double($0) / 1000 } + [1]
      let ids: View<UInt32> = lasting(fractions.count)
      let found = masses.draw(
        fractions.span, from: row.view, minus: maximum, scale: 1, total: total, into: ids)
      #expect(found >= 999)
      for index in 0..<found { #expect(logits[Int(ids[index])] >= 0) }
    }
  }

  @Test(arguments: sizes.filter { $0 > 0 }, InstructionSet.available)
  func boundsAndBlocksAboveThem(count: Int, set: InstructionSet) {
    var random = RandomStream(seed: 41, stream: UInt64(count))
    let logits = random.normals(count, scale: 1)
    let row = Walled<Float>(logits, offset: 3)
    let masses = RowMasses(vocabularySize: count, arena: arena, instructionSet: set)
    let sorted = logits.sorted(by: >)
    #expect(masses.maximum(of: row.view) == sorted[0])
    for rank in [1, 2, 64] where rank <= count {
      #expect(masses.lowerBound(ofRank: rank) <= sorted[rank - 1])
    }
    #expect(masses.lowerBound(ofRank: 1) == sorted[0])
    for threshold in [sorted[0], sorted[count / 2], -.infinity] {
      var start = 0
      var seen: [Int] = []
      while true {
        start = masses.nextAbove(threshold, in: row.view, from: start)
        if start == count { break }
        #expect(start % 64 == 0)
        seen.append(start)
        start = min(start + 64, count)
      }
      for (id, logit) in logits.enumerated() where logit > threshold {
        #expect(seen.contains(id / 64 * 64))
      }
    }
    #expect(row.wallsStand)
  }

  @Test(arguments: InstructionSet.available)
  func aNaNIsSeen(set: InstructionSet) {
    for count in [1, 40, 1500] {
      for place in [0, count / 2, count - 1] {
        var logits = [Float](repeating: 1, count: count)
        logits[place] = .nan
        let row = Walled<Float>(logits)
        let masses = RowMasses(vocabularySize: count, arena: arena, instructionSet: set)
        let maximum = masses.maximum(of: row.view)
        #expect(masses.fill(row.view, minus: maximum).isNaN)
      }
    }
  }
}

struct RowSoftmaxTests {
  /// Every 4,096th float in -86...0: what pass 1 stores against e^x in float64.
  @Test(arguments: InstructionSet.available)
  func exponentialsAreWithinTheirUlps(set: InstructionSet) {
    let arena = Arena()
    let bits = stride(from: Float(0).bitPattern, through: Float(86).bitPattern, by: 4096)
    var inputs = bits.map { -Float(bitPattern: $0) }
    // A largest logit of 0 in every block makes every reference 0.
    for start in stride(from: 0, to: inputs.count, by: 1024) { inputs[start] = 0 }
    let row = Walled<Float>(inputs, offset: 5)
    let scratch = LossScratch(vocabularySize: inputs.count, arena: arena, instructionSet: set)
    _ = RowSoftmax(exponentiating: row.view, scratch: scratch)
    var worst = 0.0
    for (x, found) in zip(inputs, row.values) {
      let exact = exp(Double(x))
      let error = abs(Double(found) - exact) / exact / 0x1p-24
      worst = max(worst, error - 1.25 * abs(Double(x)))
    }
    #expect(worst <= (set.name == "baseline" ? 3 : 2), "\(worst) beside 1.25 |x|")
    #expect(row.wallsStand)
  }
}
