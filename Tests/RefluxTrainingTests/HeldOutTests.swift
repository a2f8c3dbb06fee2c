import Foundation
import LearningSupport
import RefluxEvaluation
import RefluxFiles
import RefluxKernels
import RefluxMemory
import RefluxModel
import RefluxPipeline
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// Evaluation while training, and the rows it leaves.
struct HeldOutTests {
  let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  private struct Run {
    var reports: [StepReport] = []
    var rows: [MetricsRow] = []
    var weights: [Float] = []
  }

  private func run(
    _ objective: ObjectiveName, every interval: Int?, rows rowInterval: Int = 1,
    _ precision: Precision = .float32
  ) throws -> Run {
    var configuration = setup.configuration(objective)
    configuration.steps = 10
    configuration.feed.order = .shuffled
    let trainer = try setup.trainer("grouped", configuration, precision: precision)
    let heldOut = try interval.map {
      try HeldOut(
        trainer.decoder, tokens: setup.tokens, feed: configuration.feed, interval: $0, limit: 100)
    }
    let folder = setup.folder.file(UUID().uuidString)
    try FileSystem.createDirectory(path: folder)
    let log = try RunLog(folder: folder, eventFolder: folder, step: 0)
    let recorder = RunRecorder(log, configuration, interval: rowInterval, heldOut: heldOut)
    var run = Run()
    _ = try trainer.run { report in
      run.reports.append(report)
      if let row = try recorder.record(report) { run.rows.append(row) }
    }
    run.weights = trainer.weights
    return run
  }

  private func expectSame(_ objective: ObjectiveName, _ precision: Precision) throws {
    let without = try run(objective, every: nil, precision)
    let with = try run(objective, every: 1, precision)
    #expect(with.weights == without.weights && !with.weights.isEmpty)
    #expect(with.reports.map(\.loss) == without.reports.map(\.loss))
    #expect(with.reports.map(\.gradientNorm) == without.reports.map(\.gradientNorm))
    #expect(with.rows.compactMap(\.heldOut).count == 10)
    #expect(without.rows.compactMap(\.heldOut).isEmpty)
  }

  @Test(arguments: ObjectiveName.trained)
  func trainingDoesNotDependOnIt(objective: ObjectiveName) throws {
    try expectSame(objective, .float32)
    if Products.supportsBFloat16 { try expectSame(objective, .bfloat16) }
  }

  @Test func figuresAreThoseOfTheWeightsAtThatStep() throws {
    let run = try run(.ce, every: 4, rows: 3)
    #expect(run.rows.map(\.report.step) == [3, 4, 6, 8, 9, 10])
    #expect(run.rows.map { $0.heldOut != nil } == [false, true, false, true, false, true])
    // The last evaluation is one of the final weights.
    let decoder = try setup.decoder("grouped", workers: Workers(count: 1))
    for (index, weight) in run.weights.enumerated() { decoder.weights[index] = weight }
    decoder.weightsChanged()
    let evaluator = try Evaluator(decoder, window: setup.run.window, batch: setup.run.batch)
    let expected = try evaluator.run(setup.tokens, limit: 100)
    let last = try #require(run.rows.last?.heldOut)
    #expect(last.lmLoss == expected.lmLoss && last.calibration == expected.calibration)
    #expect(last.tokens == 100)
    let first = try #require(run.rows[1].heldOut)
    #expect(first.lmLoss > last.lmLoss)
  }

  /// A row's rate is that of all tokens and all seconds since the row before.
  @Test func ratesAreMeansSinceTheRowBefore() throws {
    let run = try run(.ce, every: nil, rows: 4)
    #expect(run.rows.map(\.report.step) == [4, 8, 10])
    let steps = run.reports[4..<8]
    let seconds = steps.reduce(0) { $0 + 1 / $1.tokensPerSecond }
    let waited = steps.reduce(0) { $0 + $1.dataWaitPercent / $1.tokensPerSecond }
    let row = run.rows[1].report
    #expect(abs(row.tokensPerSecond * seconds / 4 - 1) < 1e-9)
    #expect(abs(row.dataWaitPercent - waited / seconds) < 1e-9)
    #expect(row.loss == run.reports[7].loss)
    #expect(run.rows.map(\.seconds) == run.rows.map(\.seconds).sorted())
  }

  @Test func whatDoesNotFitIsRefusedBeforeTheFirstStep() throws {
    let decoder = try setup.decoder("grouped", workers: Workers(count: 1))
    let other = try TrainingSetup.tokenStore(
      setup.data.tokens, vocabulary: TrainingSetup.otherVocabulary,
      at: setup.folder.file("other.rfx"))
    let short = try TrainingSetup.tokenStore(
      Array(setup.data.tokens[..<1]), at: setup.folder.file("short.rfx"))
    for (tokens, interval, found) in [
      (other, 1, "\(TrainingSetup.otherVocabulary)"), (short, 1, "2"), (setup.tokens, 0, "0"),
    ] {
      let error = #expect(throws: TrainingError.self) {
        try HeldOut(
          decoder, tokens: tokens, feed: FeedConfiguration(batch: 1, window: 12),
          interval: interval)
      }
      #expect("\(try #require(error))".contains(found))
    }
  }
}
