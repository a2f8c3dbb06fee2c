import NumericSupport
import RefluxMemory
import RefluxRandom
import RefluxTargets
import Testing

@testable import RefluxLosses

/// Nine rows of 90 logits, one of them ignored, with a target of any kind.
private final class BatchExample {
  static let rows = 9
  static let size = 90
  let c: RowCase
  let examples: [RowExample]
  var targets: BatchTargets
  let loss: BatchLoss
  private let options: LossOptions
  private let logits: WalledMatrix<Float>
  private let teacher: WalledMatrix<Float>
  private let arena = Arena()

  init(_ c: RowCase, rounding: MassRounding = MassRounding(), workers: Int = 3) throws {
    self.c = c
    examples = try (0..<Self.rows).map {
      try RowExample(c, size: Self.size, seed: 20 + UInt64($0), knowsLabel: $0 % 2 == 0)
    }
    var options = LossOptions()
    (options.zLoss, options.distillation) = (0.01, 0.8)
    self.options = options
    loss = try BatchLoss(
      c.choice, kind: c.kind, options: options, rows: Self.rows, window: Self.rows,
      vocabularySize: Self.size,
      workers: workers, rounding: rounding)
    logits = WalledMatrix(examples.map(\.student), gap: 3)
    teacher = WalledMatrix(examples.map(\.teacher), gap: 5)
    targets = BatchTargets(
      labels: lasting(Self.rows), weights: lasting(Self.rows), alphas: lasting(Self.rows))
    for (row, example) in examples.enumerated() {
      targets.labels[row] = UInt32(example.label)
      targets.weights[row] = row == 2 ? 0 : Float(row + 1) / 4
      targets.alphas?[row] = row % 3 == 0 ? .nan : Float(row) / 9
    }
    if c.kind.isOfSets { targets.fill(with: examples.map(\.set)) }
  }

  /// Losses and gradients in shares of some rows, the last share first, each by another worker.
  func run(
    share: Int, alpha: Double? = nil
  ) -> (losses: [Double], tally: LossTally, gradients: [[Float]]) {
    let (logits, teacher) = (
      WalledMatrix<Float>(logits.values, gap: 3), WalledMatrix<Float>(teacher.values, gap: 5)
    )
    var losses: [Double] = []
    for start in stride(from: 0, to: Self.rows, by: share).reversed() {
      let rows = start..<min(start + share, Self.rows)
      let other = c.kind == .dense ? teacher.matrix.rows(start, rows.count) : nil
      losses.append(
        loss.gradient(
          rows, logits: logits.matrix.rows(start, rows.count), teacher: other, targets,
          scale: 0.125, alpha: alpha, watches: true, worker: start / share % 3))
    }
    #expect(logits.wallsStand)
    return (losses.reversed(), loss.tally(targets), logits.values)
  }

  /// What a loss of rows of its own makes of a row.
  func single(_ row: Int, alpha: Double) throws -> (result: RowResult, gradient: [Float]) {
    let single = try examples[row].loss(options, arena: arena)
    return examples[row].run(
      single, alpha: alpha, weight: Double(targets.weights[row]), scale: 0.125, watches: true)
  }
}

struct BatchLossTests {
  @Test(arguments: RowCase.plain)
  func rowsAreThoseOfTheSingleLoss(c: RowCase) throws {
    let example = try BatchExample(c)
    let all = example.run(share: 1, alpha: 0.4)
    for row in 0..<BatchExample.rows {
      // Rows that say no alpha of their own take the batch's, and where there is none the options'.
      let own = row % 3 == 0 ? 0.4 : Double(Float(row) / 9)
      let single = try example.single(row, alpha: own)
      #expect(all.losses[row] == single.result.loss && all.gradients[row] == single.gradient)
    }
    #expect(all.losses[2] == 0 && all.gradients[2].allSatisfy { $0 == 0 })
    #expect(all.losses[3] != 0)
    let plain = example.run(share: 1)
    #expect(plain.losses[3] == (try example.single(3, alpha: 0.8).result.loss))
  }

  /// Of shares the sums are added up in the order of the rows.
  @Test(arguments: RowCase.plain)
  func sharesChangeNoBit(c: RowCase) throws {
    let example = try BatchExample(c)
    let single = example.run(share: 1)
    for share in [2, 3, 4, 9] {
      let parts = example.run(share: share)
      #expect(parts.gradients == single.gradients && parts.tally == single.tally)
      for (index, loss) in parts.losses.enumerated() {
        let rows = single.losses[index * share..<min((index + 1) * share, BatchExample.rows)]
        #expect(loss == rows.reduce(0, +))
      }
    }
  }

  /// Other workers and another order give a row the same bits.
  @Test func theOrderOfRowsDoesNotMatter() throws {
    let c = RowCase(words: "jsd", kind: .topk)
    let (one, other) = (try BatchExample(c), try BatchExample(c, workers: 4))
    #expect(one.run(share: 4).gradients == other.run(share: 2).gradients)
  }

  @Test func tallyIsOfTheRowsThatCount() throws {
    let example = try BatchExample(RowCase(words: "dkd cap=1.2", kind: .topk))
    let found = example.run(share: 9).tally
    var expected = LossTally()
    for row in 0..<BatchExample.rows where row != 2 {
      let (weight, own) = (Double(example.targets.weights[row]), example.examples[row])
      let result = try example.single(row, alpha: row % 3 == 0 ? 0.8 : Double(row) / 9).result
      expected.weight += weight
      expected.teacherMass += weight * own.set.weights.reduce(0, +)
      expected.studentMass += weight * result.studentMass
      expected.agreement += result.agrees ? weight : 0
      expected.capped += result.isCapped ? weight : 0
    }
    #expect(found.weight == expected.weight && found.agreement == expected.agreement)
    #expect(abs(found.teacherMass - expected.teacherMass) < 1e-6)
    #expect(abs(found.studentMass - expected.studentMass) < 1e-9)
    #expect(found.capped == expected.capped && found.capped > 0 && found.capped < found.weight)
  }

  // MARK: Checks

  @Test(arguments: RowCase.plain)
  func goodRowsPass(c: RowCase) throws {
    let example = try BatchExample(c)
    example.targets.labels[2] = 90  // of an ignored row, which is not looked at
    #expect(example.loss.check(example.targets) == nil)
  }

  @Test func theFirstBadRowIsNamed() throws {
    func expect(
      _ error: LossError, row: Int, _ words: String = "ghost", _ kind: TargetKind = .topk,
      _ change: (inout BatchTargets) -> Void
    ) throws {
      let example = try BatchExample(RowCase(words: words, kind: kind))
      change(&example.targets)
      let found = example.loss.check(example.targets)
      #expect(found?.row == row && found?.error == error)
    }
    func place(_ row: Int, of targets: BatchTargets) -> Int { Int(targets.sets?.offsets[row] ?? 0) }
    for (words, kind) in [("ce", .label), ("rskd", .sampled), ("topk", .topk)]
      as [(String, TargetKind)]
    {
      try expect(.label(90, vocabularySize: 90), row: 5, words, kind) {
        ($0.labels[5], $0.labels[7]) = (90, 91)
      }
    }
    try expect(.id(90, place: 1, vocabularySize: 90), row: 4) {
      $0.sets?.ids[place(4, of: $0) + 1] = 90
      $0.sets?.ids[place(2, of: $0)] = 90
    }
    for weight in [-0.5, .infinity] as [Float] {
      try expect(.weight(weight, place: 2), row: 6) {
        $0.sets?.weights[place(6, of: $0) + 2] = weight
      }
    }
    try expect(.length(0, expected: 1), row: 0) { $0.sets = nil }
    let heavy = try BatchExample(RowCase(words: "ghost", kind: .topk))
    heavy.targets.sets?.weights[place(3, of: heavy.targets)] = 2
    let found = heavy.loss.check(heavy.targets)
    guard case .mass(let mass)? = found?.error else {
      Issue.record("no mass is refused")
      return
    }
    #expect(found?.row == 3 && mass > 2)
    // Where nothing is made of the rest, a mass above 1 is one of importance weights.
    let light = try BatchExample(RowCase(words: "topk", kind: .topk))
    light.targets.sets?.weights[place(3, of: light.targets)] = 2
    #expect(light.loss.check(light.targets) == nil)
  }

  /// Weights that a store has rounded may come to more than 1: nothing is then left for others.
  @Test(arguments: ["ghost", "smoothing", "naive", "kd-topk"])
  func massesMayExceedOneByTheirRounding(words: String) throws {
    let rounding = MassRounding(relative: 0.02, absolute: 1e-4)
    func mass(_ second: Float) throws -> (row: Int, error: LossError)? {
      let example = try BatchExample(RowCase(words: words, kind: .topk), rounding: rounding)
      let sets = try #require(example.targets.sets)
      for place in 0..<sets.weights.count { sets.weights[place] = 0 }
      (sets.weights[0], sets.weights[1]) = (0.75, second)
      return example.loss.check(example.targets)
    }
    #expect(try mass(0.2705) == nil)
    #expect(try mass(0.271) != nil)
    let arena = Arena()
    func gradient(_ words: String) throws -> (loss: Double, gradient: [Float]) {
      var example = try RowExample(RowCase(words: words, kind: .topk), size: 8)
      example.set = ReferenceSet(ids: [1, 4], weights: [0.75, 0.27])
      let found = example.run(try example.loss(arena: arena))
      return (found.result.loss, found.gradient)
    }
    let (found, raw) = (try gradient(words), try gradient("topk"))
    #expect(abs(found.loss - raw.loss) < 1e-6)
    for (a, b) in zip(found.gradient, raw.gradient) { #expect(abs(a - b) < 1e-6) }
  }
}
