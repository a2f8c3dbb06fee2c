import Foundation
import NumericSupport
import RefluxMemory
import RefluxRandom
import RefluxTargets
import Testing

@testable import RefluxLosses

/// Rows and targets at the ends of what they may be.
struct RowEdgeTests {
  private static let ofSets = RowCase.all.filter(\.kind.isOfSets)

  private let arena = Arena()

  /// Against the reference, gradients as far as float32 has them.
  private func expectReference(
    _ example: RowExample, _ c: RowCase, location: SourceLocation = #_sourceLocation
  ) throws {
    let exact = try example.reference()
    for set in InstructionSet.available {
      let found = example.run(try example.loss(arena: arena, set), location: location)
      let error = abs(found.result.loss - exact.loss) / (1 + abs(exact.loss))
      #expect(error <= 4e-6, "\(found.result.loss), \(exact.loss)", sourceLocation: location)
      let largest = exact.gradient.map(abs).max() ?? 0
      let gap = absoluteError(found.gradient, exact.gradient)
      let bound = max((c.isWholeRow ? 5e-5 : 1e-5) * largest, 3e-7)
      #expect(gap <= bound, "\(gap) beside \(largest)", sourceLocation: location)
    }
  }

  // MARK: Sets

  /// All of the teacher's mass is then the rest: in a bucket it says nothing.
  @Test(arguments: ofSets)
  func emptySetsHaveTheirMeaning(c: RowCase) throws {
    for size in [5, 1025] {
      var example = try RowExample(c, size: size)
      example.set.ids = []
      example.set.weights = []
      let found = example.run(try example.loss(arena: arena), watches: true)
      #expect(found.result.loss.isFinite && found.gradient.allSatisfy(\.isFinite))
      #expect(found.result.teacherMass == 0 && !found.result.agrees)
      guard let expected = meaning(of: c, example) else { continue }
      #expect(abs(found.result.loss - expected.loss) < 1e-6 * (1 + expected.loss))
      #expect(absoluteError(found.gradient, expected.gradient) < 1e-6)
    }
  }

  private func meaning(
    of c: RowCase, _ example: RowExample
  ) -> (loss: Double, gradient: [Double])? {
    let label = PlainLoss.crossEntropy(example.student, label: example.label)
    switch c.words.split(separator: " ")[0] {
    case "naive": return label
    case "lbf" where !c.words.contains("code"): return label
    case "lbf": return (0.9 * label.loss, label.gradient.map { 0.9 * $0 })
    case "pld":
      let share = example.set.scalars[.label] ?? 0
      return (share * label.loss, label.gradient.map { share * $0 })
    case "smoothing", "kd-topk":
      return PlainLoss.dense(
        example.student, teacher: [Float](repeating: 0, count: example.student.count))
    case "kd-pt", "dkd", "dist": return nil
    default:
      if c.words.contains("drop") || c.words.contains("zero") { return nil }
      return (0, [Double](repeating: 0, count: example.student.count))
    }
  }

  /// No id is left for the rest that weights leave by their rounding.
  @Test(arguments: RowCase.all.filter { $0.kind == .topk })
  func allIDsAreTheDenseTarget(c: RowCase) throws {
    guard try c.choice.name.entry.kinds.contains(.dense) else { return }
    for size in [2, 5, 17, 67] {
      var example = try RowExample(c, size: size, seed: 3)
      example.keep(Array(0..<size))
      let dense = RowCase(words: c.words, kind: .dense)
      let exact = try RowExample(dense, size: size, seed: 3).reference()
      let found = example.run(try example.loss(arena: arena))
      #expect(abs(found.result.loss - exact.loss) < 1e-5 * (1 + abs(exact.loss)), "V \(size)")
      let largest = exact.gradient.map(abs).max() ?? 0
      #expect(absoluteError(found.gradient, exact.gradient) < max(3e-5 * largest, 1e-6))
    }
  }

  @Test(arguments: ["ghost", "rkl fkl=1", "smoothing", "naive"])
  func allIDsAreAllOfTheMass(words: String) throws {
    let c = RowCase(words: words, kind: .topk)
    for seed in 0..<8 {
      var example = try RowExample(c, size: 9, seed: UInt64(seed))
      example.keep(Array(0..<9))
      let exact = PlainLoss.dense(example.student, teacher: example.teacher)
      let found = example.run(try example.loss(arena: arena))
      #expect(abs(found.result.loss - exact.loss) < 1e-6 * (1 + exact.loss))
      #expect(absoluteError(found.gradient, exact.gradient) < 1e-6)
    }
  }

  /// DKD has no other ids then, and DIST no correlation.
  @Test(arguments: RowCase.all.filter { !$0.words.hasPrefix("d") })
  func oneIDIsCertain(c: RowCase) throws {
    let example = try RowExample(c, size: 1)
    let found = example.run(try example.loss(arena: arena), watches: true)
    #expect(found.result.loss.isFinite)
    if !c.isOfLogits { #expect(found.gradient.allSatisfy { abs($0) < 1e-6 }) }
  }

  /// The rest is what was recorded, where it was.
  @Test(arguments: RowCase.all.filter { $0.kind == .topk })
  func recordedMassIsTheSetsOwn(c: RowCase) throws {
    for size in [17, 1025] {
      var example = try RowExample(c, size: size, seed: 4)
      let mass = example.set.weights.reduce(0, +)
      example.set.scalars[.mass] = Double(Float(mass + (1 - mass) / 3))
      // Of p^gamma the recorded mass says nothing, and shares are those of the weights.
      if ["ttm", "wttm", "naive", "smoothing", "kd-topk", "dkd"].contains(where: {
        c.words.hasPrefix($0)
      }) {
        continue
      }
      try expectReference(example, c)
    }
  }

  @Test(arguments: ofSets)
  func idsComeInAnyOrder(c: RowCase) throws {
    for size in [17, 1025] {
      var example = try RowExample(c, size: size, seed: 5)
      var random = RandomStream(seed: 6, stream: 0)
      let order = example.set.ids.indices.shuffled(using: &random)
      example.set.ids = order.map { [ids = example.set.ids] in ids[$0] }
      example.set.weights = order.map { [weights = example.set.weights] in weights[$0] }
      try expectReference(example, c)
    }
  }

  /// A weight of 0 is an id of which the teacher's nothing is known to be nothing.
  @Test(arguments: [
    "rskd", "topk", "ghost", "smoothing", "naive", "lbf", "kd-topk", "uld", "dkd", "pld", "jsd",
    "skew", "skew-rkl", "tvd", "ab a=0.5 b=0.5", "ab", "ttm", "dist",
  ])
  func weightsOfZeroAreNoMass(words: String) throws {
    let c = RowCase(words: words, kind: words == "rskd" ? .sampled : .topk)
    for size in [17, 1025] {
      var example = try RowExample(c, size: size, seed: 7)
      let others = (0..<size).filter { !example.set.ids.contains($0) }
      example.set.ids = [others[0]] + example.set.ids + [others[1], others[2]]
      example.set.weights = [0] + example.set.weights + [0, 0]
      try expectReference(example, c)
    }
  }

  // MARK: Logits

  /// Wherever it stands, and whatever the others are, it must not get lost.
  @Test(arguments: RowCase.all, [Float.nan, .infinity])
  func notFiniteLogitsMakeTheLossNaN(c: RowCase, value: Float) throws {
    for size in [17, 1025] {
      let example = try RowExample(c, size: size, knowsLabel: false)
      let loss = try example.loss(arena: arena)
      for place in Set([0, size - 1, example.label, example.set.ids.last ?? 1]) {
        var broken = example
        broken.student[place] = value
        expectNaN(broken.run(loss).result.loss, c, place)
        expectNaN(broken.run(loss, as: BFloat16.self).result.loss, c, place)
        if c.kind != .dense { continue }
        broken = example
        broken.teacher[place] = value
        expectNaN(broken.run(loss).result.loss, c, place)
      }
    }
  }

  private func expectNaN(_ loss: Double, _ c: RowCase, _ place: Int) {
    // Squares of infinite gaps are infinite.
    #expect(loss.isNaN || c.isOfLogits && loss == .infinity, "\(loss) for the place \(place)")
  }

  @Test(arguments: RowCase.all)
  func largeLogitsStayFinite(c: RowCase) throws {
    for size in [17, 1025] {
      var example = try RowExample(c, size: size, scale: 4, seed: 8)
      example.student = example.student.map { $0 > 0 ? 80 : -80 }
      if c.kind == .dense { example.teacher = example.teacher.map { $0 > 0 ? -80 : 80 } }
      for set in InstructionSet.available {
        let loss = try example.loss(arena: arena, set)
        for found in [example.run(loss), example.run(loss, as: BFloat16.self)] {
          #expect(found.result.loss.isFinite && found.gradient.allSatisfy(\.isFinite))
        }
      }
    }
  }

  /// -infinity is how an id is written that cannot be: probability 0, no loss and no gradient.
  /// Powers below 0 of a probability are no part of that.
  /// A table has a share for every id, so that kd-sim is infinite there.
  @Test(
    arguments: RowCase.all.filter {
      !$0.isSpread && !$0.words.hasSuffix("tail=bucket") && !$0.words.hasPrefix("kd-sim")
    })
  func maskedIDsHaveNoGradient(c: RowCase) throws {
    for size in [17, 1025, 3000] {
      var example = try RowExample(c, size: size, seed: 9)
      let masked = (0..<size).filter {
        ($0 % 3 == 0 || $0 >= 1024) && !example.set.ids.contains($0) && $0 != example.label
      }
      for id in masked {
        example.student[id] = -.infinity
        example.teacher[id] = -.infinity
      }
      try expectReference(example, c)
      if c.isOfLogits { continue }
      let found = example.run(try example.loss(arena: arena))
      #expect(masked.allSatisfy { abs(found.gradient[$0]) < 1e-15 })
      let rounded = example.run(try example.loss(arena: arena), as: BFloat16.self)
      #expect(masked.allSatisfy { abs(rounded.gradient[$0]) < 1e-15 })
    }
  }

  /// A student that has no mass outside of the set.
  @Test(arguments: [
    "topk", "rkl", "jsd", "skew-rkl", "tvd", "jsd tail=drop", "uld", "dist", "naive", "lbf",
  ])
  func studentsMayHaveNothingOutside(words: String) throws {
    let c = RowCase(words: words, kind: .topk)
    var example = try RowExample(c, size: 17, seed: 10)
    for id in 0..<17 where !example.set.ids.contains(id) { example.student[id] = -.infinity }
    try expectReference(example, c)
  }
}
