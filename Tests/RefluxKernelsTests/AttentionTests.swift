import Foundation
import NumericSupport
import RefluxKernels
import RefluxMemory
import RefluxRandom
import Testing

/// Sizes of one case.
struct AttentionCase: CustomStringConvertible, Sendable {
  var heads: Int
  var keyHeads: Int
  var headSize: Int
  var rows: Int
  var window: Int?
  /// The tokens of each document; what is left belongs to one more.
  var documents: [Int] = []
  var scale: Float?
  var softcap: Float?
  var description: String {
    "\(heads)/\(keyHeads) heads of \(headSize), \(rows) rows"
      + (window.map { ", window of \($0)" } ?? "")
      + (documents.isEmpty ? "" : ", documents of \(documents)")
      + (softcap.map { ", capped at \($0)" } ?? "")
  }

  /// An id per position; neighbours of one id are one document.
  var ids: [UInt32] {
    var ids = documents.enumerated().flatMap {
      [UInt32](repeating: UInt32($0.offset % 2 * 7), count: $0.element)
    }
    ids += [UInt32](repeating: 99, count: max(0, rows - ids.count))
    return Array(ids.prefix(rows))
  }

  var exactScale: Double { scale.map(Double.init) ?? 1 / Double(headSize).squareRoot() }

  /// The scaled and capped sum of the products of a query and a key.
  func score(_ products: [Double]) -> Double {
    let score = products.reduce(0, +) * exactScale
    return softcap.map { Double($0) * tanh(score / Double($0)) } ?? score
  }

  /// The first key that each row sees.
  var first: [Int] {
    (0..<rows).map { row in
      var start = row
      while start > 0, ids[start - 1] == ids[row], window.map({ row - start + 1 < $0 }) ?? true {
        start -= 1
      }
      return start
    }
  }

  static let small: [AttentionCase] = [1, 2, 3, 7, 15, 16, 17, 31, 33, 64, 67].map {
    AttentionCase(heads: 4, keyHeads: 2, headSize: 8, rows: $0)
  }
  static let shapes = [
    AttentionCase(heads: 1, keyHeads: 1, headSize: 2, rows: 5),
    AttentionCase(heads: 3, keyHeads: 3, headSize: 6, rows: 20),
    AttentionCase(heads: 6, keyHeads: 1, headSize: 16, rows: 19),
    AttentionCase(heads: 2, keyHeads: 2, headSize: 34, rows: 40),
  ]
  /// Around the blocks of 128 query rows.
  static let large = [127, 128, 129, 256, 300].map {
    AttentionCase(heads: 2, keyHeads: 1, headSize: 16, rows: $0)
  }
  /// Windows and documents around the blocks, one of a single position, both at once.
  static let masked =
    [1, 2, 7, 127, 128, 129, 130, 300, 400].map {
      AttentionCase(heads: 2, keyHeads: 1, headSize: 8, rows: 300, window: $0)
    }
    + [1, 3, 20, 67].map {
      AttentionCase(heads: 4, keyHeads: 2, headSize: 6, rows: 67, window: $0)
    }
    + [[1, 1, 5], [30], [66], [67], [20, 1, 40]].map {
      AttentionCase(heads: 4, keyHeads: 2, headSize: 6, rows: 67, documents: $0)
    }
    + [[128, 128], [127, 2, 128], [200, 90], [10, 250]].map {
      AttentionCase(heads: 2, keyHeads: 1, headSize: 8, rows: 300, documents: $0)
    } + [
      AttentionCase(
        heads: 2, keyHeads: 1, headSize: 8, rows: 300, window: 50, documents: [30, 200])
    ]
  static let capped = [
    AttentionCase(heads: 4, keyHeads: 2, headSize: 6, rows: 40, scale: 0.7),
    AttentionCase(heads: 4, keyHeads: 2, headSize: 6, rows: 40, scale: 0.7, softcap: 2),
    AttentionCase(
      heads: 2, keyHeads: 1, headSize: 8, rows: 300, window: 130, documents: [150], softcap: 1),
  ]
}

struct AttentionTests {
  /// Projections (queries | keys | values) of one sequence with what the kernel needs around them.
  private final class Setup {
    let shape: AttentionCase
    let attention: Attention
    let values: [[Float]]
    let projections: WalledMatrix<Float>
    let output: WalledMatrix<Float>
    let logSumExps: Walled<Float>
    let scratch: Walled<Float>
    let products = Products()
    let documents: View<Int32>?

    init(_ shape: AttentionCase, scale: Double = 1) {
      self.shape = shape
      attention = Attention(
        heads: shape.heads, keyHeads: shape.keyHeads, headSize: shape.headSize,
        window: shape.window, scale: shape.scale, softcap: shape.softcap.map(Softcap.init))
      documents = shape.documents.isEmpty ? nil : lasting(shape.rows)
      if let documents {
        let ids: View<UInt32> = lasting(shape.rows)
        ids.copy(from: shape.ids.span)
        Attention.findDocuments(ids, into: documents)
      }
      var random = RandomStream(seed: 40, stream: UInt64(shape.rows))
      values = random.normals(shape.rows, attention.projectionWidth, scale: scale)
      projections = WalledMatrix(values, gap: 1, offset: 2)
      output = WalledMatrix(rows: shape.rows, columns: shape.heads * shape.headSize, gap: 3) {
        _, _ in 0
      }
      logSumExps = Walled(count: shape.heads * shape.rows)
      let need = Attention.scratchCount(positions: shape.rows)
      scratch = Walled([Float](repeating: .nan, count: need))
    }

    var widths: (queries: Int, keys: Int) {
      (shape.heads * shape.headSize, shape.keyHeads * shape.headSize)
    }

    func forward() {
      let (q, k) = widths
      attention.forward(
        queries: projections.matrix.columns(0, q), keys: projections.matrix.columns(q, k),
        values: projections.matrix.columns(q + k, k), documents: documents, into: output.matrix,
        logSumExps: logSumExps.view, scratch: scratch.view, products: products)
    }

    /// Columns of head `index` of the part that starts at column `start`.
    func columns<Element>(_ rows: [[Element]], _ start: Int, _ index: Int) -> [[Element]] {
      let first = start + index * shape.headSize
      return rows.map { Array($0[first..<first + shape.headSize]) }
    }
  }

  @Test(
    arguments: AttentionCase.small + AttentionCase.shapes + AttentionCase.large
      + AttentionCase.masked + AttentionCase.capped)
  func forwardAgreesWithReference(shape: AttentionCase) {
    for scale in [1.0, 5] {
      let setup = Setup(shape, scale: scale)
      setup.forward()
      let (q, k) = setup.widths
      for head in 0..<shape.heads {
        let keyHead = head * shape.keyHeads / shape.heads
        let exact = Attention.reference(
          queries: setup.columns(setup.values, 0, head),
          keys: setup.columns(setup.values, q, keyHead),
          values: setup.columns(setup.values, q + k, keyHead), first: shape.first,
          scale: shape.scale, softcap: shape.softcap.map(Softcap.init))
        let found = setup.columns(setup.output.values, 0, head)
        #expect(
          relativeError(found.flatMap { $0 }, exact.flatMap { $0 }) < 2e-6 * scale * scale,
          "head \(head), scale \(scale)")
      }
      #expect(setup.output.wallsStand && setup.logSumExps.wallsStand && setup.scratch.wallsStand)
    }
  }

  /// Tokens that come one by one, or in pieces, see what a whole window sees.
  @Test(arguments: AttentionCase.small + AttentionCase.shapes + AttentionCase.masked)
  func extendingAgreesWithTheWhole(shape: AttentionCase) {
    let whole = Setup(shape)
    whole.forward()
    let (q, k) = whole.widths
    for piece in shape.rows > 100 ? [64] : [1, 5] {
      for start in stride(from: 0, to: shape.rows, by: piece) {
        let count = min(piece, shape.rows - start)
        let output = WalledMatrix<Float>(rows: count, columns: q) { _, _ in 0 }
        whole.attention.forward(
          queries: whole.projections.matrix.rows(start, count).columns(0, q),
          keys: whole.projections.matrix.columns(q, k),
          values: whole.projections.matrix.columns(q + k, k), from: start,
          documents: whole.documents, into: output.matrix,
          logSumExps: Walled<Float>(count: shape.heads * count).view,
          scratch: whole.scratch.view, products: whole.products)
        let expected = whole.output.values[start..<start + count].flatMap { $0.map(Double.init) }
        #expect(relativeError(output.values.flatMap { $0 }, expected) < 2e-6)
      }
    }
  }

  @Test(
    arguments: AttentionCase.small + AttentionCase.shapes + AttentionCase.large
      + AttentionCase.masked + AttentionCase.capped)
  func backwardAgreesWithTheFormulas(shape: AttentionCase) {
    let setup = Setup(shape)
    setup.forward()
    var random = RandomStream(seed: 41, stream: UInt64(shape.rows))
    let upstream = random.normals(shape.rows, shape.heads * shape.headSize)
    let result = WalledMatrix<Float>(
      rows: shape.rows, columns: setup.attention.projectionWidth, gap: 2
    ) { _, _ in 7 }
    setup.attention.backward(
      projections: setup.projections.matrix, logSumExps: setup.logSumExps.view,
      gradient: WalledMatrix<Float>(upstream, gap: 1).matrix, documents: setup.documents,
      into: result.matrix,
      scratch: setup.scratch.view, products: setup.products)
    let exact = attentionGradient(
      setup.values.map { $0.map(Double.init) }, upstream.map { $0.map(Double.init) }, shape)
    #expect(relativeError(result.values.flatMap { $0 }, exact.flatMap { $0 }) < 3e-6)
    #expect(result.wallsStand && setup.scratch.wallsStand)
  }

  /// The float64 formulas that judge the kernel are themselves judged by finite differences.
  @Test(arguments: [
    AttentionCase(heads: 4, keyHeads: 2, headSize: 4, rows: 5),
    AttentionCase(heads: 2, keyHeads: 1, headSize: 4, rows: 6, window: 3, documents: [2]),
    AttentionCase(heads: 2, keyHeads: 1, headSize: 4, rows: 5, scale: 0.9, softcap: 1.5),
  ])
  func formulasAreDerivatives(shape: AttentionCase) {
    var random = RandomStream(seed: 42, stream: 0)
    let width = (shape.heads + 2 * shape.keyHeads) * shape.headSize
    let values = random.normals(shape.rows, width).map { $0.map(Double.init) }
    let upstream = random.normals(shape.rows, shape.heads * shape.headSize)
      .map { $0.map(Double.init) }
    let slope = finiteDifferences(values.flatMap { $0 }) { flat in
      let rows = (0..<shape.rows).map { Array(flat[$0 * width..<($0 + 1) * width]) }
      let output = attentionOutput(rows, shape).output
      return zip(output.flatMap { $0 }, upstream.flatMap { $0 }).reduce(0) { $0 + $1.0 * $1.1 }
    }
    for (a, b) in zip(attentionGradient(values, upstream, shape).flatMap { $0 }, slope) {
      #expect(abs(a - b) < 1e-8)
    }
  }
}

/// Probabilities [head][row][key] and output of causal attention, loop by loop.
private func attentionOutput(
  _ x: [[Double]], _ shape: AttentionCase
) -> (probabilities: [[[Double]]], output: [[Double]]) {
  let size = shape.headSize
  var output = [[Double]](
    repeating: [Double](repeating: 0, count: shape.heads * size), count: shape.rows)
  var all: [[[Double]]] = []
  let first = shape.first
  for head in 0..<shape.heads {
    let key = (shape.heads + head * shape.keyHeads / shape.heads) * size
    let value = key + shape.keyHeads * size
    var rows: [[Double]] = []
    for row in 0..<shape.rows {
      let scores = (first[row]...row).map { other in
        shape.score((0..<size).map { x[row][head * size + $0] * x[other][key + $0] })
      }
      let total = scores.reduce(0) { $0 + exp($1) }
      rows.append(scores.map { exp($0) / total })
      for (share, other) in zip(rows[row], first[row]...row) {
        for column in 0..<size {
          output[row][head * size + column] += share * x[other][value + column]
        }
      }
    }
    all.append(rows)
  }
  return (all, output)
}

private func attentionGradient(
  _ x: [[Double]], _ upstream: [[Double]], _ shape: AttentionCase
) -> [[Double]] {
  let size = shape.headSize
  let probabilities = attentionOutput(x, shape).probabilities
  var gradient = x.map { $0.map { _ in 0.0 } }
  let first = shape.first
  for head in 0..<shape.heads {
    let key = (shape.heads + head * shape.keyHeads / shape.heads) * size
    let value = key + shape.keyHeads * size
    for row in 0..<shape.rows {
      let p = probabilities[head][row]
      let dp = (first[row]...row).map { other in
        (0..<size).reduce(0) { $0 + upstream[row][head * size + $1] * x[other][value + $1] }
      }
      let mean = zip(p, dp).reduce(0) { $0 + $1.0 * $1.1 }
      for (index, other) in (first[row]...row).enumerated() {
        let score = shape.score((0..<size).map { x[row][head * size + $0] * x[other][key + $0] })
        let capped = shape.softcap.map { score / Double($0) } ?? 0
        let ds = p[index] * (dp[index] - mean) * shape.exactScale * (1 - capped * capped)
        for column in 0..<size {
          gradient[row][head * size + column] += ds * x[other][key + column]
          gradient[other][key + column] += ds * x[row][head * size + column]
          gradient[other][value + column] += p[index] * upstream[row][head * size + column]
        }
      }
    }
  }
  return gradient
}
