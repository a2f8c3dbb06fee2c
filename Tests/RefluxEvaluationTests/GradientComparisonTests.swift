import Foundation
import LearningSupport
import RefluxEvaluation
import RefluxModel
import RefluxPipeline
import RefluxStorage
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// Angles and ratios against float64 sums over the gradients that training takes.
struct GradientComparisonTests {
  let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  private func compare(
    _ sizes: [Int], _ samples: SampleStore, batches: Int = 1, workers count: Int = 2,
    model: String = "grouped"
  ) throws -> [GradientAngle] {
    let workers = Workers(count: count)
    let comparison = try GradientComparison(
      setup.decoder(model, workers: workers), teacher: setup.decoder("teacher", workers: workers),
      window: setup.run.window, sizes: sizes)
    return try comparison.run(setup.tokens, samples: samples, batches: batches)
  }

  /// The gradient of a trainer's first step over `batch` windows from the start of the store.
  private func gradient(_ objective: ObjectiveName, batch: Int) throws -> [Double] {
    var configuration = setup.configuration(objective)
    configuration.feed.batch = batch
    configuration.steps = 2
    configuration.warmupSteps = 0
    let trainer = try setup.trainer("grouped", configuration)
    _ = try trainer.reports(until: 1)
    return trainer.gradientValues.map(Double.init)
  }

  @Test(arguments: [ObjectiveName.rskd, .topk])
  func figuresAreThoseOfTrainingsGradients(objective: ObjectiveName) throws {
    let samples = try objective == .rskd ? setup.drawn() : setup.top()
    for batch in [1, 3, 8] {
      let sparse = try gradient(objective, batch: batch)
      let full = try gradient(.fullkd, batch: batch)
      let product = zip(sparse, full).reduce(0) { $0 + $1.0 * $1.1 }
      let norms = [sparse, full].map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      let angle = acos(product / norms[0] / norms[1]) * 180 / .pi
      let found = try compare([batch], samples)
      #expect(found.count == 1 && found[0].batch == batch && found[0].batches == 1)
      #expect(abs(found[0].angleDegrees - angle) < 0.01, "\(batch)")
      #expect(abs(found[0].normRatio - norms[0] / norms[1]) < 1e-4, "\(batch)")
      #expect(angle > 1)
    }
  }

  /// A size has the figures that it has alone, over all of its batches.
  @Test func sizesDoNotDependOnEachOther() throws {
    let samples = try setup.drawn()
    let all = try compare([8, 2, 4, 2], samples, batches: 2)
    #expect(all.map(\.batch) == [2, 4, 8] && all.map(\.batches) == [8, 4, 2])
    for found in all {
      let alone = try compare([found.batch], samples, batches: found.batches)[0]
      #expect(alone.batches == found.batches)
      #expect(abs(alone.angleDegrees - found.angleDegrees) < 0.01)
      #expect(abs(alone.normRatio - found.normRatio) < 1e-4)
    }
    // Draws scatter: the more windows, the nearer to the full gradient.
    #expect(all[2].angleDegrees < all[0].angleDegrees)
  }

  @Test func anyNumberOfWorkersGivesTheSameBits() throws {
    let samples = try setup.drawn()
    let found = try [1, 2, 3].map { try compare([1, 4], samples, workers: $0) }
    #expect(found[0].count == 2 && found.allSatisfy { $0 == found[0] })
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let samples = try setup.drawn()
    for sizes in [[], [0], [1, 100_000]] {
      #expect(throws: EvaluationError.self) { try compare(sizes, samples) }
    }
    let error = #expect(throws: EvaluationError.self) { try compare([31], samples) }
    #expect("\(try #require(error))".contains("\(31 * 12 + 1)"))
    let larger = try setup.larger()
    #expect(throws: EvaluationError.self) { try compare([1], larger) }
  }
}
