import NumericSupport
import RefluxMemory
import RefluxTargets
import Testing

@testable import RefluxLosses

/// Two windows of four rows that stand together, with a target of any kind.
private final class GroupExample {
  static let (rows, window) = (8, 4)
  let choice: ObjectiveChoice
  let kind: TargetKind
  let examples: [RowExample]
  var targets: BatchTargets
  let loss: BatchLoss

  init(
    _ c: RowCase, size: Int, options: LossOptions = LossOptions(), ignored: Int? = nil
  ) throws {
    (choice, kind) = (try c.choice, c.kind)
    examples = try (0..<Self.rows).map {
      try RowExample(c, size: size, seed: 60 + UInt64($0), knowsLabel: $0 % 2 == 0)
    }
    loss = try BatchLoss(
      choice, kind: kind, options: options, rows: Self.rows, window: Self.window,
      vocabularySize: size, workers: 2)
    targets = BatchTargets(labels: lasting(Self.rows), weights: lasting(Self.rows))
    for (row, example) in examples.enumerated() {
      targets.labels[row] = UInt32(example.label)
      targets.weights[row] = row == ignored ? 0 : 0.5
    }
    if kind.isOfSets { targets.fill(with: examples.map(\.set)) }
  }

  /// Loss and gradients in shares of so many rows.
  func run(share: Int = 8, scale: Float = 0.5) -> (losses: [Double], gradients: [[Float]]) {
    let logits = WalledMatrix<Float>(examples.map(\.student), gap: 3)
    let teacher = WalledMatrix<Float>(examples.map(\.teacher), gap: 5)
    let losses = stride(from: 0, to: Self.rows, by: share).map { start in
      loss.gradient(
        start..<start + share, logits: logits.matrix.rows(start, share),
        teacher: kind == .dense ? teacher.matrix.rows(start, share) : nil, targets, scale: scale,
        worker: start / share % 2)
    }
    #expect(logits.wallsStand)
    return (losses, logits.values)
  }

  /// The sum over windows and rows by the reference, rows of weight 0 left out of their group.
  func expected() throws -> (loss: Double, gradients: [[Double]]) {
    var (total, gradients) = (0.0, examples.map { $0.student.map { _ in 0.0 } })
    for start in stride(from: 0, to: Self.rows, by: loss.rowsTogether) {
      let rows = (start..<start + loss.rowsTogether).filter { targets.weights[$0] > 0 }
      let own = choice["group"] == nil ? choice : choice.with(group: rows.count)
      let result = try LossReference.evaluate(own, input(rows))
      // GLD's value is of the window, those of others are means over its rows.
      let factor = choice.name == .gld ? 1 : Double(rows.count)
      total += factor * result.loss
      for (place, row) in rows.enumerated() {
        gradients[row] = result.gradient[place].map { factor * $0 }
      }
    }
    return (total, gradients)
  }

  private func input(_ rows: [Int]) -> ReferenceInput {
    let own = rows.map { examples[$0] }
    return ReferenceInput(
      student: own.map { $0.student.map(Double.init) }, labels: own.map(\.label),
      target: kind == .dense
        ? .dense(own.map { $0.teacher.map(Double.init) }) : .top(own.map(\.set)))
  }
}

/// Objectives whose rows stand together, against the reference in float64.
struct GroupObjectiveTests {
  private static let cases: [RowCase] = [
    ("gld k=3", [.topk, .dense]), ("gld k=3 reduce=sum", [.topk]),
    ("gld k=3 input=probability", [.topk, .dense]), ("sinkd group=4", [.topk, .dense]),
    ("sinkd group=2 epsilon=0.3 iterations=5", [.topk, .dense]),
    ("sinkd group=4 detach=yes", [.topk, .dense]), ("sinkd group=4 temperature=2", [.dense]),
    ("dist inter=0.7 intra=0.4 group=4", [.dense]), ("topkd k=2 group=4", [.dense]),
    ("topkd k=3 group=2 tau=4", [.dense]), ("tad k=3", [.dense]), ("tad k=2 beta=0.5", [.dense]),
  ].flatMap { words, kinds in kinds.map { RowCase(words: words, kind: $0) } }

  private func expect(
    _ found: (losses: [Double], gradients: [[Float]]),
    _ exact: (loss: Double, gradients: [[Double]]), factor: Double, _ place: String,
    location: SourceLocation = #_sourceLocation
  ) {
    let loss = found.losses.reduce(0, +)
    let error = abs(loss - 0.5 * exact.loss) / (1 + abs(exact.loss))
    #expect(error < 1e-5, "\(place): \(loss), \(0.5 * exact.loss)", sourceLocation: location)
    for (row, gradient) in exact.gradients.enumerated() {
      let largest = factor * (gradient.map(abs).max() ?? 0)
      let gap = absoluteError(found.gradients[row], gradient.map { factor * $0 })
      #expect(
        gap <= max(5e-5 * largest, 1e-6 * factor), "\(place), row \(row): \(gap) of \(largest)",
        sourceLocation: location)
    }
  }

  @Test(arguments: cases)
  func agreesWithTheReference(c: RowCase) throws {
    for size in [12, 67, 1025] {
      let example = try GroupExample(c, size: size)
      #expect(example.loss.check(example.targets) == nil)
      expect(example.run(), try example.expected(), factor: 0.25, "V \(size)")
    }
  }

  @Test(arguments: cases)
  func rowsThatDoNotCountAreLeftOut(c: RowCase) throws {
    let example = try GroupExample(c, size: 67, ignored: 2)
    let found = example.run()
    expect(found, try example.expected(), factor: 0.25, "without row 2")
    #expect(found.gradients[2].allSatisfy { $0 == 0 })
  }

  @Test(arguments: cases)
  func sharesOfWholeGroupsChangeNoBit(c: RowCase) throws {
    let example = try GroupExample(c, size: 67)
    let (whole, parts) = (example.run(), example.run(share: 4))
    #expect(whole.gradients == parts.gradients)
    #expect(abs(whole.losses[0] - parts.losses.reduce(0, +)) < 1e-12 * abs(whole.losses[0]))
  }

  /// Beside the label, with a z-loss: each row has its own part.
  @Test(arguments: cases)
  func mixturesHaveTheirParts(c: RowCase) throws {
    var options = LossOptions()
    (options.distillation, options.labelSmoothing, options.zLoss) = (0.3, 0.1, 0.01)
    let example = try GroupExample(c, size: 67, options: options)
    var (loss, gradients) = try example.expected()
    loss *= 0.3
    for (row, own) in example.examples.enumerated() {
      let (logSum, p) = PlainLoss.softmax(own.student.map(Double.init))
      loss += 0.01 * logSum * logSum
      for id in p.indices {
        let d = 0.1 / 67 + (id == own.label ? 0.9 : 0)
        loss -= 0.7 * d * (Double(own.student[id]) - logSum)
        gradients[row][id] *= 0.3
        gradients[row][id] += 0.7 * (p[id] - d) + 0.02 * logSum * p[id]
      }
    }
    expect(example.run(), (loss, gradients), factor: 0.25, "mixture")
  }

  @Test func rowsComeTogether() throws {
    func together(_ words: String) throws -> Int {
      try GroupExample(RowCase(words: words, kind: .dense), size: 12).loss.rowsTogether
    }
    #expect(try together("gld k=3") == 4 && together("tad k=3") == 4)
    #expect(try together("sinkd group=2") == 2 && together("topkd group=4") == 4)
    #expect(try together("dist") == 1 && together("dist intra=1 group=2") == 2)
    #expect(try together("jsd") == 1)
  }
}
