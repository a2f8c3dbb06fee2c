import Foundation
import LearningSupport
import RefluxLosses
import RefluxPipeline
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// What a run may be told beside its sizes: accumulation, schedules, bad steps, kept checkpoints.
@Suite struct OptionTests {
  private let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  private func largest(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).map { abs($0 - $1) }.max() ?? 0
  }

  /// A batch cut into its windows has the same windows, and up to rounding the same gradient.
  @Test func accumulationIsALargerBatch() throws {
    let whole = setup.configuration(.rskd)
    var parts = whole
    (parts.feed.batch, parts.accumulation) = (1, whole.batch)
    let (one, two) = (
      try setup.trainer("grouped", whole), try setup.trainer("grouped", parts)
    )
    #expect(one.tokensPerStep == two.tokensPerStep)
    let (a, b) = (try one.reports(until: 3), try two.reports(until: 3))
    for (x, y) in zip(a, b) {
      #expect(abs(x.loss - y.loss) < 1e-5)
      #expect(abs(x.gradientNorm - y.gradientNorm) < 1e-4 * x.gradientNorm)
    }
    #expect(largest(one.weights, two.weights) < 1e-3)
  }

  @Test func accumulatedRunsResumeToTheSameBits() throws {
    var configuration = setup.configuration(.ce)
    configuration.feed.batch = 1
    configuration.accumulation = 3
    configuration.feed.order = .shuffled
    let whole = try setup.trainer("grouped", configuration)
    let expected = try whole.reports()
    let path = setup.folder.file("checkpoint")
    let first = try setup.trainer("grouped", configuration, checkpoint: path)
    var reports = try first.reports(until: 4)
    let second = try setup.trainer(
      "grouped", configuration, workers: 1, checkpoint: path)
    #expect(try second.restoreCheckpoint())
    reports += try second.reports()
    #expect(reports.map(\.loss) == expected.map(\.loss))
    #expect(second.weights == whole.weights)
  }

  /// With alpha 0 a distillation loss is cross-entropy, with T = 1 and alpha 1 it is itself.
  @Test func alphaMixesWithTheLabel() throws {
    var mixed = setup.configuration(.rskd)
    mixed.loss.distillation = 0
    mixed.loss.zLoss = 0
    let labels = try setup.trainer("grouped", setup.configuration(.ce))
    let nothing = try setup.trainer("grouped", mixed)
    let (a, b) = (try labels.reports(until: 4), try nothing.reports(until: 4))
    for (x, y) in zip(a, b) { #expect(abs(x.loss - y.loss) < 2e-5) }
    var hot = setup.configuration(.fullkd)
    hot.loss.temperature = 2
    let warm = try setup.trainer("grouped", hot)
    let plain = try setup.trainer("grouped", setup.configuration(.fullkd))
    #expect(try warm.reports(until: 1)[0].loss != plain.reports(until: 1)[0].loss)
  }

  private func scheduled(from start: Double, to end: Double) -> TrainingConfiguration {
    var configuration = setup.configuration(.rskd)
    configuration.loss.distillation = start
    configuration.finalDistillation = end
    return configuration
  }

  /// The reports say it, and the loss follows: each step's gradient is that of a run whose share is
  /// always the step's.
  @Test func alphaMovesInALine() throws {
    let configuration = scheduled(from: 0.8, to: 0.2)
    let trainer = try setup.trainer("grouped", configuration)
    let reports = try trainer.reports()
    let last = configuration.steps - 1
    for (step, report) in reports.enumerated() {
      let expected = 0.8 - 0.6 * Double(step) / Double(last)
      #expect(abs(try #require(report.alpha) - expected) < 1e-12)
    }
    // Rates of 0: every step sees the same weights.
    for (start, end) in [(0.8, 0.2), (0.0, 1.0)] {
      var still = scheduled(from: start, to: end)
      (still.peakRate, still.weightDecay) = (0, 0)
      var (first, second) = (still, still)
      (first.loss.distillation, first.finalDistillation) = (start, nil)
      (second.loss.distillation, second.finalDistillation) = (end, nil)
      let moving = try setup.trainer("grouped", still).reports()
      let atStart = try setup.trainer("grouped", first).reports()
      let atEnd = try setup.trainer("grouped", second).reports()
      #expect(atStart.allSatisfy { $0.alpha == nil })
      for step in 0...last {
        let share = Double(step) / Double(last)
        let expected = atStart[step].loss * (1 - share) + atEnd[step].loss * share
        #expect(abs(moving[step].loss - expected) < 2e-5)
      }
    }
  }

  @Test func scheduledRunsResumeToTheSameBits() throws {
    let configuration = scheduled(from: 1, to: 0.25)
    let whole = try setup.trainer("grouped", configuration)
    let expected = try whole.reports()
    let path = setup.folder.file("checkpoint")
    let first = try setup.trainer("grouped", configuration, checkpoint: path)
    var reports = try first.reports(until: 4)
    let second = try setup.trainer(
      "grouped", configuration, workers: 1, checkpoint: path)
    #expect(try second.restoreCheckpoint())
    reports += try second.reports()
    #expect(reports.map(\.loss) == expected.map(\.loss))
    #expect(reports.map(\.alpha) == expected.map(\.alpha))
    #expect(second.weights == whole.weights)
    // Another end is another run.
    let other = try setup.trainer(
      "grouped", scheduled(from: 1, to: 0.5), checkpoint: path)
    #expect(throws: TrainingError.self) { try other.restoreCheckpoint() }
  }

  /// Whatever the reason for a checkpoint, its caller hears of it before the file changes.
  @Test func checkpointsAreAnnounced() throws {
    var configuration = setup.configuration(.ce)
    configuration.checkpointMinutes = 1e-9
    let path = setup.folder.file("state")
    let trainer = try setup.trainer("grouped", configuration, checkpoint: path)
    var announced: [Int] = []
    trainer.onCheckpoint = { () throws(TrainingError) in
      if announced.isEmpty { #expect(!FileManager.default.fileExists(atPath: path)) }
      announced.append(trainer.step)
    }
    _ = try trainer.reports(until: 2)
    #expect(announced == [1, 2])
    trainer.onCheckpoint = { () throws(TrainingError) in
      throw .configuration(name: "a", found: "b", expected: "c")
    }
    #expect(throws: TrainingError.self) { _ = try trainer.run() }
    // What was thrown kept the checkpoint of step 3 from being begun.
    let after = try setup.trainer("grouped", configuration, checkpoint: path)
    #expect(try after.restoreCheckpoint() && after.step == 2)
  }

  /// The same bits, whichever activations are kept.
  @Test func recomputingRunsGiveTheSameBits() throws {
    var configuration = setup.configuration(.rskd)
    let kept = try setup.trainer("grouped", configuration)
    let expected = try kept.reports()
    configuration.recomputes = true
    let recomputed = try setup.trainer("grouped", configuration)
    #expect(try recomputed.reports().map(\.loss) == expected.map(\.loss))
    #expect(recomputed.weights == kept.weights)
  }

  @Test func warmUpStableDecay() {
    let schedule = LearningRateSchedule(
      peak: 2, warmupSteps: 4, steps: 20, floorShare: 0.1, decaySteps: 5)
    let rates = (0..<20).map(schedule.rate)
    #expect(rates[0] == 0.5 && rates[3] == 2)
    #expect(rates[4...14].allSatisfy { $0 == 2 })
    #expect(abs(rates[19] - 0.2) < 1e-12)
    for step in 15..<20 { #expect(abs(rates[step - 1] - rates[step] - 0.36) < 1e-12) }
  }

  @Test func spikesStopWithTheirWindowsOrAreSkipped() throws {
    var configuration = setup.configuration(.ce)
    // A threshold below the mean: every step after the first is a spike.
    configuration.spikeFactor = 0.01
    let stopping = try setup.trainer("grouped", configuration)
    let before = stopping.weights
    let error = #expect(throws: TrainingError.self) { try stopping.reports() }
    let text = error.map(String.init(describing:)) ?? ""
    #expect(text.contains("at step 2 (batches 1..<2 of the plan, windows "))
    #expect(text.contains("times the mean of "))
    #expect(stopping.weights != before && stopping.step == 1)

    configuration.badSteps = .skip
    let skipping = try setup.trainer("grouped", configuration)
    let first = try skipping.reports(until: 1)
    let after = skipping.weights
    let rest = try skipping.reports()
    #expect(first[0].skipped == nil)
    #expect(rest.allSatisfy { $0.skipped?.contains("times the mean") == true })
    #expect(skipping.weights == after)
    #expect(skipping.step == configuration.steps)
  }

  /// The mean that spikes are judged by goes into the checkpoint.
  @Test func resumedRunsJudgeAlike() throws {
    var configuration = setup.configuration(.ce)
    configuration.spikeFactor = 1.0
    configuration.badSteps = .skip
    let whole = try setup.trainer("grouped", configuration)
    let expected = try whole.reports()
    let path = setup.folder.file("checkpoint")
    let first = try setup.trainer("grouped", configuration, checkpoint: path)
    var reports = try first.reports(until: 3)
    let second = try setup.trainer("grouped", configuration, checkpoint: path)
    #expect(try second.restoreCheckpoint())
    reports += try second.reports()
    #expect(reports.map(\.skipped) == expected.map(\.skipped))
    #expect(second.weights == whole.weights)
  }

  @Test func asManyCheckpointsAreKeptAsAskedFor() throws {
    var configuration = setup.configuration(.ce)
    configuration.checkpointSteps = 2
    configuration.keptCheckpoints = 3
    let path = setup.folder.file("state.safetensors")
    let trainer = try setup.trainer("grouped", configuration, checkpoint: path)
    _ = try trainer.reports()
    let names = try FileManager.default.contentsOfDirectory(atPath: setup.folder.path)
      .filter { $0.hasPrefix("state") }.sorted()
    let last = configuration.steps
    let kept = [last - 4, last - 2, last].map { "state-\($0).safetensors" }
    #expect(Set(names) == Set(kept + ["state.safetensors"]))
    // Each of them is a whole checkpoint.
    let older = try setup.trainer(
      "grouped", configuration, checkpoint: setup.folder.file(kept[0]))
    #expect(try older.restoreCheckpoint())
    #expect(older.step == last - 4)
    _ = try older.reports()
    #expect(older.weights == trainer.weights)
  }
}
