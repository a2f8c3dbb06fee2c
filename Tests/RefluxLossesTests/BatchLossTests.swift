import NumericSupport
import RefluxLosses
import RefluxMemory
import RefluxRandom
import Testing

/// Seven rows of 90 logits with counted sets, one of them ignored and one of weight 0.
private struct BatchExample {
  static let rows = 7
  static let size = 90
  let logits: [[Float]]
  let labels: View<Int32> = lasting(Self.rows)
  let offsets: View<Int32> = lasting(Self.rows + 1)
  let ids: View<UInt32> = lasting(3 * Self.rows)
  let counts: View<UInt32> = lasting(3 * Self.rows)
  let weights: View<Float> = lasting(Self.rows)
  let alphas: View<Float> = lasting(Self.rows)
  private let arena = Arena()

  init() {
    var random = RandomStream(seed: 90, stream: 0)
    logits = (0..<Self.rows).map { _ in random.normals(Self.size, scale: 2) }
    for row in 0..<Self.rows {
      labels[row] = Int32(row * 11)
      offsets[row + 1] = Int32(3 * row + 3)
      weights[row] = Float(row) / 4
      alphas[row] = Float(row) / 7
      for place in 0..<3 {
        ids[3 * row + place] = UInt32(row + 20 * place)
        counts[3 * row + place] = UInt32([10, 25, 15][place])
      }
    }
    labels[2] = -100
  }

  func batch(_ reduction: LossBatch.Reduction) -> LossBatch {
    LossBatch(
      labels: labels, targets: .counted(offsets: offsets, ids: ids, counts: counts, rounds: 50),
      weights: weights, distillation: alphas, reduction: reduction)
  }

  var matrix: WalledMatrix<Float> {
    WalledMatrix(rows: Self.rows, columns: Self.size, gap: 3) { logits[$0][$1] }
  }

  func loss() throws -> SoftmaxLoss {
    var options = LossOptions()
    options.zLoss = 0.01
    return try SoftmaxLoss(options: options, vocabularySize: Self.size, arena: arena)
  }
}

struct LossBatchTests {
  private let example = BatchExample()

  /// Results and gradients of the batch in shares of some rows.
  private func run(
    _ batch: LossBatch, share: Int
  ) throws -> (loss: Double, results: [RowLoss], gradients: [[Float]]) {
    let (rows, size) = (BatchExample.rows, BatchExample.size)
    try batch.validate(rows: rows, vocabularySize: size)
    let walled = example.matrix
    let results: View<RowLoss> = lasting(rows)
    for start in stride(from: 0, to: rows, by: share) {
      let range = start..<min(start + share, rows)
      try batch.gradient(
        range, logits: walled.matrix.rows(start, range.count), scale: batch.gradientScale,
        by: try example.loss(), into: results)
    }
    let gradients = (0..<rows).map { row in (0..<size).map { walled.matrix.row(row)[$0] } }
    return (batch.reduce(results), (0..<rows).map { results[$0] }, gradients)
  }

  @Test func rowsAreThoseOfTheSingleLoss() throws {
    let all = try run(example.batch(.none), share: 7)
    for row in 0..<BatchExample.rows {
      let walled = Walled<Float>(example.logits[row])
      let isIgnored = row == 2
      let single = try example.loss().gradient(
        walled.view, label: isIgnored ? nil : row * 11,
        target: .counted(
          ids: example.ids.slice(3 * row, 3), counts: example.counts.slice(3 * row, 3), rounds: 50),
        weight: isIgnored ? 0 : Double(row) / 4, distillation: Double(example.alphas[row]))
      #expect(all.results[row] == single)
      #expect(all.gradients[row] == walled.values)
    }
    #expect(all.results[2].loss == 0 && all.gradients[2].allSatisfy { $0 == 0 })
    #expect(all.results[0].loss == 0 && all.gradients[0].allSatisfy { $0 == 0 })
    #expect(all.results[3].loss != 0)
  }

  @Test func reductionsScaleLossAndGradientAlike() throws {
    let none = try run(example.batch(.none), share: 7)
    let sum = try run(example.batch(.sum), share: 7)
    let mean = try run(example.batch(.mean), share: 7)
    let total = none.results.reduce(0) { $0 + $1.loss }
    let weights = [0, 1, 3, 4, 5, 6].reduce(0) { $0 + Double($1) / 4 }
    #expect(sum.loss == total && sum.gradients == none.gradients)
    #expect(abs(mean.loss - total / weights) < 1e-12)
    for (a, b) in zip(mean.gradients.joined(), sum.gradients.joined()) {
      #expect(abs(Double(a) - Double(b) / weights) < 1e-7)
    }
  }

  @Test func sharesChangeNoBit() throws {
    let whole = try run(example.batch(.mean), share: 7)
    for share in [1, 2, 3] {
      let parts = try run(example.batch(.mean), share: share)
      #expect(parts.loss == whole.loss && parts.results == whole.results)
      #expect(parts.gradients == whole.gradients)
    }
  }

  @Test func wrongRowsAreFoundBeforeAnyWrite() {
    func expect(_ error: LossError, _ change: (inout LossBatch) -> Void) {
      var batch = example.batch(.mean)
      change(&batch)
      #expect(throws: error) {
        try batch.validate(rows: BatchExample.rows, vocabularySize: BatchExample.size)
      }
    }
    let weights: View<Float> = lasting(7)
    weights[6] = -1
    expect(.option("weight", -1)) { $0.weights = weights }
    let alphas: View<Float> = lasting(7)
    alphas[1] = 1.5
    expect(.option("distillation", 1.5)) { $0.distillation = alphas }
    expect(.length(6, expected: 7)) { $0.labels = example.labels.slice(0, 6) }
    expect(.length(21, expected: 20)) {
      $0.targets = .counted(
        offsets: example.offsets, ids: example.ids.slice(0, 20), counts: example.counts, rounds: 50)
    }
    expect(.rounds(49, sumOfCounts: 50)) {
      $0.targets = .counted(
        offsets: example.offsets, ids: example.ids, counts: example.counts, rounds: 49)
    }
    let labels: View<Int32> = lasting(7)
    labels[5] = 90
    expect(.label(90, vocabularySize: 90)) { $0.labels = labels }
    expect(.length(3, expected: 7)) {
      $0.targets = .dense(example.matrix.matrix.rows(0, 3))
    }
  }
}
