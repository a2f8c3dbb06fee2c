import NumericSupport
import RefluxMemory
import RefluxTargets
import Testing

@testable import RefluxLosses

/// What kernels must have in common with the divergences that they are of.
struct RowPropertyTests {
  private let arena = Arena()

  private func run(_ example: RowExample) throws -> (loss: Double, gradient: [Float]) {
    let found = example.run(try example.loss(arena: arena))
    return (found.result.loss, found.gradient)
  }

  private func run(
    _ words: String, _ kind: TargetKind = .dense, size: Int = 67, seed: UInt64 = 30
  ) throws -> (loss: Double, gradient: [Float]) {
    try run(RowExample(RowCase(words: words, kind: kind), size: size, seed: seed))
  }

  private static let divergences = [
    "fullkd", "rkl", "jsd beta=0.3", "skew", "skew-rkl", "tvd", "ab", "ab a=0.5 b=0.5", "akl",
    "todi", "rkl fkl=0.5", "uld", "mse", "dhkd", "dist",
  ]
  /// Of two distributions and one rest.
  private static let bucketed = [
    "ghost", "rkl", "jsd beta=0.3", "skew", "skew-rkl", "tvd", "ab a=0.5 b=0.5", "akl", "todi",
    "uld", "rkl fkl=0.5",
  ]

  @Test(arguments: divergences.map { ($0, TargetKind.dense) } + bucketed.map { ($0, .topk) })
  func vanishesWhereBothAgree(words: String, kind: TargetKind) throws {
    for size in [17, 1025] {
      var example = try RowExample(RowCase(words: words, kind: kind), size: size, seed: 31)
      #expect(try run(example).loss > 1e-3)
      if kind == .topk {
        example.student = example.teacher
      } else {
        example.teacher = example.student
      }
      let (found, exact) = (try run(example), try example.reference())
      #expect(abs(found.loss) < 2e-6 + abs(exact.loss) && abs(exact.loss) < 2e-5)
      // Where signs meet, rounding decides which.
      if kind == .topk, ["tvd", "uld"].contains(words) { continue }
      #expect(found.gradient.allSatisfy { abs($0) < 2e-6 })
    }
  }

  /// Every gradient but those on logits sums to 0, and knows no shift of a row.
  @Test(arguments: RowCase.all.filter { !$0.isOfLogits })
  func knowsNoShift(c: RowCase) throws {
    for size in [17, 1025] {
      var example = try RowExample(c, size: size, seed: 32)
      let exact = try example.reference()
      let found = try run(example).gradient
      let total = found.reduce(0) { $0 + abs(Double($1)) }
      #expect(abs(found.reduce(0) { $0 + Double($1) }) < 1e-5 * total + 1e-6)
      example.student = example.student.map { $0 + 3.25 }
      example.teacher = example.teacher.map { $0 - 1.5 }
      let shifted = try run(example)
      #expect(abs(shifted.loss - exact.loss) < 4e-6 * (1 + abs(exact.loss)))
      let largest = exact.gradient.map(abs).max() ?? 0
      #expect(absoluteError(shifted.gradient, exact.gradient) < 5e-5 * largest + 3e-7)
    }
  }

  // MARK: Limits

  /// At a distance of 1e-4, or 2e-4 where the form divides by it.
  @Test(arguments: [
    ("ab a=0.0001 b=0.9999", "rkl"), ("ab a=0.9999 b=0.0001", "fullkd"),
    ("skew alpha=0.0001", "fullkd"), ("skew-rkl alpha=0.0001", "rkl"),
    ("ab a=0.0002 b=0.7", "ab a=0 b=0.7"), ("ab a=0.7 b=0.0002", "ab a=0.7 b=0"),
    ("ab a=0.5 b=-0.4998", "ab a=0.5 b=-0.5"),
  ])
  func limitsAreReached(words: String, limit: String) throws {
    let near = try run(words, size: 17)
    let at = try RowExample(RowCase(words: limit, kind: .dense), size: 17, seed: 30).reference()
    let scale = max(1, at.loss, at.gradient.map(abs).max() ?? 0)
    #expect(abs(near.loss - at.loss) < 3e-3 * scale)
    #expect(absoluteError(near.gradient, at.gradient) < 3e-3 * scale)
  }

  @Test(arguments: [("jsd beta=0.0001", "fullkd"), ("jsd beta=0.9999", "rkl")])
  func jensenShannonTendsToBothKL(words: String, limit: String) throws {
    let near = try run(words)
    let at = try RowExample(RowCase(words: limit, kind: .dense), size: 67, seed: 30).reference()
    #expect(abs(near.loss / 1e-4 - at.loss) < 1e-2 * at.loss)
    let largest = at.gradient.map(abs).max() ?? 0
    let gradient = near.gradient.map { Float(Double($0) / 1e-4) }
    #expect(absoluteError(gradient, at.gradient) < 1e-2 * largest)
  }

  @Test func jensenShannonIsSymmetricAndBounded() throws {
    for (seed, scale) in [(40, 1.0), (41, 4), (42, 20)] as [(UInt64, Double)] {
      let c = RowCase(words: "jsd", kind: .dense)
      var example = try RowExample(c, size: 67, scale: scale, seed: seed)
      let loss = try run(example).loss
      swap(&example.student, &example.teacher)
      #expect(abs(try run(example).loss - loss) < 2e-6)
      #expect(loss > 0 && loss <= 0.693_148)
    }
  }

  @Test func variationIsBounded() throws {
    for seed in UInt64(50)..<60 {
      let (variation, divergence) = (
        try run("tvd", seed: seed).loss, try run("fullkd", seed: seed).loss
      )
      #expect(variation <= 1 && variation <= (divergence / 2).squareRoot())
    }
  }

  // MARK: Sets

  /// A coarser view never shows more of an f-divergence, and all ids show all of it.
  @Test(arguments: ["rkl", "rkl fkl=1", "jsd", "skew", "skew-rkl", "tvd", "ab a=0.3 b=0.7"])
  func fewerIDsNeverRaiseADivergence(words: String) throws {
    var example = try RowExample(RowCase(words: words, kind: .topk), size: 24, seed: 33)
    let order = ReferenceRow.order(example.teacher.map(Double.init))
    var losses: [Double] = []
    for count in 1...24 {
      example.keep(Array(order.prefix(count)))
      losses.append(try run(example).loss)
    }
    for (fewer, more) in zip(losses, losses.dropFirst()) { #expect(fewer <= more + 1e-6) }
    let dense = try RowExample(RowCase(words: words, kind: .dense), size: 24, seed: 33)
    let exact = try dense.reference().loss
    #expect(abs((losses.last ?? 0) - exact) < 1e-5 * (1 + exact))
  }

  /// Equal to the dense divergence from a teacher that has nothing outside of the set.
  @Test(arguments: ["jsd", "skew", "skew-rkl", "tvd"])
  func aRestOfNothingIsADroppedTail(words: String) throws {
    for size in [17, 1025] {
      var example = try RowExample(RowCase(words: words, kind: .topk), size: size, seed: 34)
      let mass = example.set.weights.reduce(0, +)
      example.set.weights = example.set.weights.map { Double(Float($0 / mass)) }
      example.set.scalars[.mass] = 1
      var dense = try RowExample(RowCase(words: words, kind: .dense), size: size, seed: 34)
      for id in 0..<size where !example.set.ids.contains(id) { dense.teacher[id] = -.infinity }
      let (found, exact) = (try run(example), try dense.reference())
      #expect(abs(found.loss - exact.loss) < 3e-6 * (1 + exact.loss))
      let largest = exact.gradient.map(abs).max() ?? 0
      #expect(absoluteError(found.gradient, exact.gradient) < 1e-5 * largest)
    }
  }

  // MARK: Draws

  /// The gradient's mean over all outcomes of three draws is that of all of p.
  @Test(arguments: [
    ("rskd", "fullkd"), ("lbf", "lbf"), ("lbf form=code", "lbf form=code"), ("kd-pt", "kd-pt"),
    ("dkd", "dkd"), ("dkd beta=kd", "dkd beta=kd"), ("ttm gamma=0.6", "ttm gamma=0.6"),
    ("wttm gamma=0.6", "wttm gamma=0.6"),
  ])
  func drawsAreUnbiased(drawn: String, exact: String) throws {
    for knowsLabel in [true, false] {
      let dense = try RowExample(
        RowCase(words: exact, kind: .dense), size: 5, seed: 35, knowsLabel: knowsLabel)
      var example = try RowExample(
        RowCase(words: drawn, kind: .sampled), size: 5, seed: 35, knowsLabel: knowsLabel)
      let gamma = drawn.contains("ttm") ? 0.6 : 1
      let p = ReferenceRow.softmax(example.teacher.map { gamma * Double($0) })
      let loss = try example.loss(arena: arena)
      var mean = [Double](repeating: 0, count: 5)
      for draws in 0..<125 {
        let ids = [draws % 5, draws / 5 % 5, draws / 25]
        let unique = Set(ids).sorted()
        example.set = ReferenceSet(
          ids: unique, counts: unique.map { id in ids.count { $0 == id } },
          scalars: example.set.scalars)
        let weight = ids.reduce(1) { $0 * p[$1] }
        for (id, slope) in example.run(loss).gradient.enumerated() {
          mean[id] += weight * Double(slope)
        }
      }
      let expected = try dense.reference().gradient
      for (a, b) in zip(mean, expected) { #expect(abs(a - b) < 1e-6) }
    }
  }
}
