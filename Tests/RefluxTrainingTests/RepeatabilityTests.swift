import Foundation
import LearningSupport
import RefluxKernels
import RefluxLosses
import RefluxMemory
import RefluxModel
import RefluxPipeline
import RefluxStorage
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// A run is a function of its configuration, weights and data, to the bit.
struct RepeatabilityTests {
  let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  private func shuffled(_ objective: ObjectiveName, checkpointSteps: Int = 0)
    -> TrainingConfiguration
  {
    var configuration = setup.configuration(objective)
    configuration.feed.order = .shuffled
    configuration.feed.seed = 7
    configuration.steps = 23  // over three epochs of ten steps
    configuration.checkpointSteps = checkpointSteps
    return configuration
  }

  private func expectSame(_ a: [StepReport], _ b: [StepReport]) {
    #expect(a.map(\.step) == b.map(\.step))
    #expect(a.map(\.loss) == b.map(\.loss))
    #expect(a.map(\.gradientNorm) == b.map(\.gradientNorm))
    #expect(a.map(\.learningRate) == b.map(\.learningRate))
  }

  private func expectWorkersDoNotShow(
    _ objective: ObjectiveName, _ precision: Precision
  ) throws {
    let runs = try [1, 2, 3].map { workers in
      let trainer = try setup.trainer(
        "plain", shuffled(objective), precision: precision, workers: workers)
      return (reports: try trainer.reports(), weights: trainer.weights)
    }
    #expect(runs[0].reports.count == 23 && runs[0].weights.allSatisfy(\.isFinite))
    for run in runs.dropFirst() {
      expectSame(run.reports, runs[0].reports)
      #expect(run.weights == runs[0].weights)
    }
  }

  @Test(arguments: ObjectiveName.trained)
  func anyNumberOfWorkersGivesTheSameBits(objective: ObjectiveName) throws {
    try expectWorkersDoNotShow(objective, .float32)
    if Products.supportsBFloat16 { try expectWorkersDoNotShow(objective, .bfloat16) }
  }

  /// A set has no order: packed blocks give it in another one than plain ones, and the student's
  /// weights come out the same to the bit. The loss is a sum over the set and may be rounded
  /// elsewhere.
  @Test func encodingOfTheStoreDoesNotShow() throws {
    let runs = try SampleEncoding.allCases.map { encoding in
      let trainer = try Trainer(
        shuffled(.rskd), decoder: setup.decoder("plain", workers: Workers(count: 2)),
        tokens: setup.tokens,
        samples: setup.drawn("\(encoding).rfx", encoding: encoding), teacher: nil,
        checkpointPath: nil)
      return (reports: try trainer.reports(), weights: trainer.weights)
    }
    #expect(runs[0].weights == runs[1].weights)
    for (plain, packed) in zip(runs[0].reports, runs[1].reports) {
      #expect(plain.gradientNorm == packed.gradientNorm)
      #expect(abs(plain.loss - packed.loss) < 1e-6)
    }
  }

  /// The complete loss sorts the sets that packed blocks give in another order.
  @Test func encodingDoesNotShowInTheCompleteLossEither() throws {
    var configuration = shuffled(.rskd)
    configuration.loss.distillation = 0.75
    let runs = try SampleEncoding.allCases.map { encoding in
      let trainer = try Trainer(
        configuration, decoder: setup.decoder("plain", workers: Workers(count: 2)),
        tokens: setup.tokens, samples: setup.drawn("\(encoding).rfx", encoding: encoding))
      return (reports: try trainer.reports(), weights: trainer.weights)
    }
    #expect(runs.count == 2)
    #expect(runs[0].weights == runs[1].weights)
    #expect(runs[0].reports.map(\.loss) == runs[1].reports.map(\.loss))
  }

  /// Stopped after 4, 5 and 17 steps, each time gone on by a new trainer with other workers.
  @Test(arguments: ObjectiveName.trained)
  func resumingGivesTheSameBits(objective: ObjectiveName) throws {
    let whole = try setup.trainer("grouped", shuffled(objective), workers: 1)
    let expected = try whole.reports()
    let path = setup.folder.file("checkpoint-\(objective.rawValue)")
    var (reports, last): ([StepReport], [Float]) = ([], [])
    for (index, stop) in [4, 5, 17, 23].enumerated() {
      let trainer = try setup.trainer(
        "grouped", shuffled(objective), workers: 1 + index % 3, checkpoint: path)
      #expect(try trainer.restoreCheckpoint() == (index > 0))
      #expect(trainer.step == reports.count)
      reports += try trainer.reports(until: stop)
      last = trainer.weights
    }
    expectSame(reports, expected)
    #expect(last == whole.weights)
  }

  @Test(.enabled(if: Products.supportsBFloat16))
  func bfloat16ResumesToTheSameBits() throws {
    let whole = try setup.trainer("grouped", shuffled(.rskd), precision: .bfloat16)
    let expected = try whole.reports()
    let path = setup.folder.file("checkpoint")
    let first = try setup.trainer(
      "grouped", shuffled(.rskd), precision: .bfloat16, checkpoint: path)
    var reports = try first.reports(until: 9)
    let second = try setup.trainer(
      "grouped", shuffled(.rskd), precision: .bfloat16, checkpoint: path)
    #expect(try second.restoreCheckpoint())
    reports += try second.reports()
    expectSame(reports, expected)
    #expect(second.weights == whole.weights)
  }

  /// A run that ends without warning resumes from the last whole checkpoint.
  @Test func periodicCheckpointsServeAfterACrash() throws {
    struct Crash: Error {}
    let whole = try setup.trainer("grouped", shuffled(.ce))
    let expected = try whole.reports()
    let path = setup.folder.file("checkpoint")
    let first = try setup.trainer(
      "grouped", shuffled(.ce, checkpointSteps: 3), checkpoint: path)
    #expect(throws: Crash.self) {
      _ = try first.run(onStep: { if $0.step == 8 { throw Crash() } })
    }
    let second = try setup.trainer(
      "grouped", shuffled(.ce, checkpointSteps: 5), checkpoint: path)
    #expect(try second.restoreCheckpoint())
    #expect(second.step == 6)
    expectSame(try second.reports(), Array(expected[6...]))
    #expect(second.weights == whole.weights)
    // The finished run left a checkpoint of its end: there is nothing more to do.
    let third = try setup.trainer("grouped", shuffled(.ce), checkpoint: path)
    #expect(try third.restoreCheckpoint() && third.step == 23)
    #expect(try third.run() == .finished)
    #expect(third.weights == whole.weights)
  }

  @Test func outcomeSaysWhereARunStopped() throws {
    let trainer = try setup.trainer("grouped", shuffled(.ce))
    #expect(try trainer.run(shouldStop: { trainer.step == 2 }) == .interrupted(step: 2))
    #expect(try trainer.run() == .finished)
    #expect(trainer.step == 23)
  }
}
