import Foundation
import RefluxKernels
import RefluxLosses
import RefluxMemory
import RefluxModel
import RefluxRandom
import RefluxTargets
import Testing

/// Hidden states, a head and their gradients by the fused and by the plain road.
private struct Linear<Element: Scalar> {
  static var width: Int { 24 }
  let rows: Int
  let vocabulary: Int
  private let arena = Arena()
  private let hidden: Matrix<Element>
  private let head: Matrix<Element>

  init(rows: Int, vocabulary: Int) {
    (self.rows, self.vocabulary) = (rows, vocabulary)
    hidden = arena.takeMatrix(rows, Self.width)
    head = arena.takeMatrix(vocabulary, Self.width)
    var random = RandomStream(seed: 80, stream: UInt64(rows))
    for matrix in [hidden, head] {
      for index in 0..<matrix.elements.count {
        matrix.elements[index] = Element(rounding: Float(random.nextNormal()))
      }
    }
  }

  struct Result: Equatable {
    var loss: Double
    var hidden: [Float]
    var head: [Float]
  }

  private func label(_ row: Int) -> Int { row * 7 % vocabulary }

  /// Twice: what the first call leaves must not show in the second.
  func fused(workers: Int) -> Result {
    let team = Workers(count: workers)
    let fused = LinearLoss<Element>(
      rows: rows, width: Self.width, vocabularySize: vocabulary, workers: team)
    let (d, w): (Matrix<Float>, Matrix<Float>) = (
      arena.takeMatrix(rows, Self.width), arena.takeMatrix(vocabulary, Self.width)
    )
    let losses = (0..<workers).map { _ in
      RowLoss.forwardKL(from: .label, vocabularySize: vocabulary, arena: arena)
    }
    var loss = 0.0
    for _ in 0..<2 {
      loss = fused.run(hidden: hidden, head: head, hiddenGradient: d, headGradient: w) {
        rows, logits, worker in
        rows.enumerated().reduce(0) { total, row in
          let target = RowTarget(label: row.element * 7 % logits.columns)
          return total
            + losses[worker].gradient(logits.row(row.offset), target, scale: 0.5).loss
        }
      }
    }
    return Result(loss: loss, hidden: values(d), head: values(w))
  }

  /// By the definition, in float64.
  func plain() -> Result {
    var result = Result(
      loss: 0, hidden: [Float](repeating: 0, count: rows * Self.width),
      head: [Float](repeating: 0, count: vocabulary * Self.width))
    var headSums = [Double](repeating: 0, count: vocabulary * Self.width)
    for row in 0..<rows {
      let h = (0..<Self.width).map { Double(hidden.row(row)[$0].float) }
      let logits = (0..<vocabulary).map { id in
        Float((0..<Self.width).reduce(0.0) { $0 + h[$1] * Double(head.row(id)[$1].float) })
      }
      let powers = logits.map { exp(Double($0)) }
      let total = powers.reduce(0, +)
      var gradient = powers.map { $0 / total }
      result.loss -= log(gradient[label(row)])
      gradient[label(row)] -= 1
      for column in 0..<Self.width {
        var sum = 0.0
        for id in 0..<vocabulary {
          sum += gradient[id] * Double(head.row(id)[column].float)
          headSums[id * Self.width + column] += 0.5 * gradient[id] * h[column]
        }
        result.hidden[row * Self.width + column] = Float(0.5 * sum)
      }
    }
    result.head = headSums.map(Float.init)
    return result
  }

  private func values(_ matrix: Matrix<Float>) -> [Float] {
    matrix.elements.withSpan { span in span.indices.map { span[$0] } }
  }
}

private func worst(_ a: [Float], _ b: [Float]) -> Float {
  zip(a, b).map { abs($0 - $1) }.max() ?? 0
}

struct LinearLossTests {
  /// One chunk and several, the last of them short; one slice of the vocabulary and several.
  @Test(arguments: [(1, 5), (70, 2100), (600, 33_000), (130, 4096)])
  func agreesWithThePlainRoad(rows: Int, vocabulary: Int) {
    let linear = Linear<Float>(rows: rows, vocabulary: vocabulary)
    let (fused, plain) = (linear.fused(workers: 2), linear.plain())
    #expect(abs(fused.loss - plain.loss) < 1e-6 * (1 + plain.loss))
    #expect(worst(fused.hidden, plain.hidden) < 1e-5)
    #expect(worst(fused.head, plain.head) < 1e-5 * Float(1 + rows).squareRoot())
  }

  /// The gradient of the logits is rounded to bfloat16 before it is multiplied: 2^-9 of its size.
  @Test(.enabled(if: Products.supportsBFloat16))
  func agreesWithThePlainRoadInBFloat16() {
    let linear = Linear<BFloat16>(rows: 70, vocabulary: 2100)
    let (fused, plain) = (linear.fused(workers: 2), linear.plain())
    #expect(abs(fused.loss - plain.loss) < 1e-6 * (1 + plain.loss))
    let size = plain.hidden.map(abs).max() ?? 0
    #expect(worst(fused.hidden, plain.hidden) < size * 0x1p-8)
    #expect(worst(fused.head, plain.head) < (plain.head.map(abs).max() ?? 0) * 0x1p-8)
  }

  @Test func anyNumberOfWorkersGivesTheSameBits() {
    let linear = Linear<Float>(rows: 600, vocabulary: 33_000)
    let one = linear.fused(workers: 1)
    for workers in [2, 3, 7] { #expect(linear.fused(workers: workers) == one) }
  }

  /// Logits of a chunk and the groups' parts, whatever the rows.
  @Test func memoryDoesNotGrowWithTheRows() {
    func bytes(_ rows: Int) -> Int {
      LinearLoss<Float>(
        rows: rows, width: 64, vocabularySize: 40_000, workers: Workers(count: 1)
      ).byteCount
    }
    let formula = 512 * 40_000 * 4 + 4 * 8 * 512 * 64
    #expect((formula..<formula + 1 << 12).contains(bytes(512)))
    #expect(bytes(100_000) == bytes(512))
  }
}
