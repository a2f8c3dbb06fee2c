import CAllocations
import Foundation
import LearningSupport
import RefluxKernels
import RefluxLosses
import RefluxMemory
import RefluxModel
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// Nothing of ours is allocated in a step of training, counted in processes of their own.
///
/// Not counted as ours: what oneDNN allocates to call a compiled product (ten small pieces, for a
/// table of its arguments), and what Dispatch allocates to give an operation to several threads
/// (three or four pieces, the copied closure among them).
@Suite(.enabled(if: callocations_works())) struct StepAllocationTests {
  /// The counter sees what it should see.
  @Test func anAllocationIsCounted() async {
    await #expect(processExitsWith: .exitCode(7)) {
      callocations_begin()
      let array = (0..<100).map { $0 + Int(getpid()) }
      let counts = callocations_end()
      if array.count == 100, counts.own == 1, counts.onednn == 0 { exit(7) }
    }
  }

  @Test(arguments: OptimizerKind.allCases, [false, true])
  func passAndUpdate(kind: OptimizerKind, recomputes: Bool) async {
    let result = await #expect(
      processExitsWith: .exitCode(7), observing: [\.standardOutputContent]
    ) {
      [kind = kind.rawValue as String, recomputes = recomputes as Bool] in
      let kind = OptimizerKind(rawValue: kind) ?? .adamw
      for workers in [1, 2] {
        for precision in Precision.allCases {
          if precision == .bfloat16, !Products.supportsBFloat16 { continue }
          try PassSteps(kind, precision, recomputes: recomputes, workers: workers).expectNothing()
        }
      }
      exit(7)
    }
    expectSilence(result)
  }

  @Test(arguments: [ObjectiveName.ce, .rskd, .naive, .fullkd, .dhkd], [false, true])
  func wholeSteps(objective: ObjectiveName, isFocused: Bool) async {
    let result = await #expect(
      processExitsWith: .exitCode(7), observing: [\.standardOutputContent]
    ) { [objective = objective.rawValue as String, isFocused = isFocused as Bool] in
      try expectNothingOfARun(ObjectiveName(rawValue: objective) ?? .ce, isFocused: isFocused)
      exit(7)
    }
    expectSilence(result)
  }

  private func expectSilence(_ result: ExitTest.Result?) {
    // Beside what the testing library writes: what was allocated, and where.
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    #expect(!output.contains("own: "))
  }
}

/// Whole steps of a run on one worker, taking batches from the feed included; its readers have
/// threads of their own and allocate there.
private func expectNothingOfARun(_ objective: ObjectiveName, isFocused: Bool) throws {
  let setup = try TrainingSetup()
  var configuration = setup.configuration(objective)
  (configuration.steps, configuration.accumulation) = (20, 2)
  if isFocused { configuration.focus = Focus(.studentEntropy, share: 0.2) }
  let trainer = try setup.trainer("grouped", configuration, workers: 1)
  _ = try trainer.run { report in
    if report.step == 8 { callocations_begin() }
    if report.step != 18 { return }
    let counts = callocations_end()
    if counts.here == 0 { return }
    print("\(objective): \(counts)\n" + String(cString: callocations_stacks()))
  }
}

/// Steps of a stored model without feed or checkpoints.
private final class PassSteps {
  private let setup: TrainingSetup
  private let pass: any GradientPass
  private let optimizer: Optimizer
  private let losses: [RowLoss]
  private let labels: View<UInt32>
  private let tokens: [UInt32]
  private let precision: Precision
  private let workers: Int
  private let arena = Arena()
  private var step = 0

  init(_ kind: OptimizerKind, _ precision: Precision, recomputes: Bool, workers: Int) throws {
    (self.precision, self.workers) = (precision, workers)
    setup = try TrainingSetup()
    let decoder = try setup.decoder(
      "grouped", precision: precision, workers: Workers(count: workers))
    let (run, arena) = (setup.run, arena)
    pass = decoder.makeGradientPass(
      windows: run.batch, window: run.window, recomputes: recomputes, rowsTogether: 1)
    optimizer = Optimizer(decoder, kind: kind)
    losses = (0..<workers).map { _ in
      RowLoss.forwardKL(
        from: .label, vocabularySize: TrainingSetup.vocabulary, arena: arena)
    }
    let tokens = Array(setup.data.tokens[0..<run.batch * run.window])
    self.tokens = tokens
    labels = arena.take(tokens.count)
    labels.copy(from: tokens.span)
  }

  private func take() {
    let (labels, losses, tokens) = (labels, losses, tokens)
    _ = pass.run(tokens.span, documents: Span()) { rows, logits, worker in
      var total = 0.0
      for row in rows {
        let target = RowTarget(label: Int(labels[row]))
        total +=
          losses[worker].gradient(
            logits.row(row - rows.lowerBound), target, scale: 0.01
          ).loss
      }
      return total
    }
    let norm = optimizer.norm(pass.gradients)
    optimizer.update(pass.gradients, step: step, rate: 1e-3, norm: norm)
    step += 1
  }

  /// Says so where steps keep allocating.
  ///
  /// A worker compiles a product when it first meets its shape, which may be late where others were
  /// faster: with several, some rounds are allowed until one allocates nothing.
  func expectNothing() {
    var counts = callocations_counts()
    for _ in 0..<(workers == 1 ? 1 : 100) {
      for _ in 0..<3 { take() }
      callocations_begin()
      for _ in 0..<3 { take() }
      counts = callocations_end()
      if counts.own == 0 { return }
    }
    let stacks = String(cString: callocations_stacks())
    print("\(precision), \(workers) workers: \(counts)\n" + stacks)
  }
}
