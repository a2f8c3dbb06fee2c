import LearningSupport
import RefluxModel
import RefluxPipeline
import RefluxStorage
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// Runs that resume as others, and runs that start from others' weights and moments.
@Suite struct StartingCheckpointTests {
  private let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  /// The peak from the first step to the last but one.
  private func stable(_ objective: ObjectiveName = .ce, steps: Int) -> TrainingConfiguration {
    var configuration = setup.configuration(objective)
    configuration.steps = steps
    (configuration.warmupSteps, configuration.decaySteps) = (0, 1)
    return configuration
  }

  private func trainer(
    _ configuration: TrainingConfiguration, _ checkpoint: String? = nil
  ) throws -> Trainer {
    try setup.trainer("grouped", configuration, checkpoint: checkpoint)
  }

  /// A run that is lengthened while its rate is at the peak has the bits of one that was that long
  /// from the start.
  @Test func lengthenedRunsAreLongRuns() throws {
    let whole = try trainer(stable(steps: 12))
    let expected = try whole.reports()
    let path = setup.folder.file("state")
    let first = try trainer(stable(steps: 8), path)
    var reports = try first.reports(until: 5)
    let second = try trainer(stable(steps: 12), path)
    #expect(try second.restoreCheckpoint())
    reports += try second.reports()
    #expect(reports.map(\.loss) == expected.map(\.loss))
    #expect(second.weights == whole.weights)
    // Its last step has decayed: nothing resumes from there.
    let third = try trainer(stable(steps: 13), path)
    let error = #expect(throws: TrainingError.self) { try third.restoreCheckpoint() }
    #expect("\(try #require(error))".hasPrefix("belongs to another run (steps 12, here 13);"))
  }

  /// At the first step of the second epoch both see the same windows, rate, weights and moments:
  /// the moments' age is theirs, not the run's.
  @Test(arguments: [OptimizerKind.adamw, .muon])
  func newRunsStartWithWeightsAndMoments(optimizer: OptimizerKind) throws {
    var long = stable(steps: 100)
    long.optimizer = optimizer
    let plan = try FeedPlan(tokenCount: setup.tokens.count, configuration: long.feed)
    let epoch = plan.stepsPerEpoch
    let path = setup.folder.file("first")
    let first = try trainer(long, path)
    _ = try first.reports(until: epoch)
    let expected = try first.reports(until: epoch + 1)
    let weights = first.weights
    // The checkpoint of the epoch's end, not of one step later.
    let again = try trainer(long, path)
    _ = try again.reports(until: epoch)

    var other = long
    other.steps = 7
    let second = try trainer(other)
    try second.start(fromCheckpoint: path)
    let found = try second.reports(until: 1)
    #expect(found[0].step == 1 && found[0].loss == expected[0].loss)
    #expect(second.weights == weights)
  }

  @Test func startedRunsResumeToTheSameBits() throws {
    let source = setup.folder.file("source")
    _ = try trainer(stable(steps: 100), source).reports(until: 6)
    func started(_ checkpoint: String?) throws -> Trainer {
      let trainer = try trainer(setup.configuration(.ce), checkpoint)
      try trainer.start(fromCheckpoint: source)
      return trainer
    }
    let whole = try started(nil)
    let expected = try whole.reports()
    let path = setup.folder.file("started")
    var reports = try started(path).reports(until: 4)
    let rest = try started(path)
    #expect(try rest.restoreCheckpoint() && rest.step == 4)
    reports += try rest.reports()
    #expect(reports.map(\.loss) == expected.map(\.loss))
    #expect(rest.weights == whole.weights)
    // Without the checkpoint at its start it is another run.
    let other = try trainer(setup.configuration(.ce), path)
    #expect(throws: TrainingError.self) { try other.restoreCheckpoint() }
  }

  @Test func otherModelsAndOptimizersAreRefused() throws {
    let source = setup.folder.file("source")
    _ = try trainer(stable(steps: 100), source).reports(until: 1)
    var muon = stable(steps: 10)
    muon.optimizer = .muon
    let other = try trainer(muon)
    let error = #expect(throws: TrainingError.self) { try other.start(fromCheckpoint: source) }
    #expect(
      "\(try #require(error))" == "cannot be started from: its optimizer is adamw, the run's muon;"
        + " name a checkpoint of the same model and optimizer")
    let plain = try setup.trainer("plain", stable(steps: 10))
    #expect(throws: TrainingError.self) { try plain.start(fromCheckpoint: source) }
  }
}
