import Foundation
import LearningSupport
import RefluxLosses
import RefluxModel
import RefluxPipeline
import RefluxStorage
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// What of a divergence from drawn sets is the sets' own.
@Suite struct SetEntropyTests {
  private let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  private func first(
    _ objective: ObjectiveName, alpha: Double = 1, storeAlpha: Float? = nil
  ) throws -> StepReport {
    var configuration = setup.configuration(objective)
    configuration.loss.distillation = alpha
    let source = FeedSource(
      name: "tokens", tokens: setup.tokens,
      samples: try setup.samples(objective, UUID().uuidString + ".rfx"), alpha: storeAlpha)
    let trainer = try Trainer(
      configuration, decoder: setup.decoder("grouped", workers: Workers(count: 2)),
      sources: [source])
    return try trainer.reports(until: 1)[0]
  }

  /// The mean of -sum t log t over the sets of the first batch, whose windows are the first ones.
  private var exact: Double {
    let rows = setup.run.batch * setup.run.window
    let rounds = Double(setup.run.rounds)
    return setup.data.samples[..<rows].reduce(0) { sum, set in
      set.counts.reduce(sum) { $0 - Double($1) / rounds * log(Double($1) / rounds) }
    } / Double(rows)
  }

  @Test func crossEntropiesAreAboveTheLossByTheSetsEntropy() throws {
    let report = try first(.rskd)
    #expect(abs(try #require(report.setEntropy) - exact) < 1e-6)
    #expect(try #require(report.crossEntropy) == report.loss + #require(report.setEntropy))
    // Weights that have learned nothing: about as uncertain as all ids alike.
    #expect(abs(try #require(report.crossEntropy) - log(67)) < 1)
  }

  /// Where the label has a part, the sets have the rest; a store's share is its own.
  @Test func sharesCountTheirPart() throws {
    let half = try first(.rskd, alpha: 0.5)
    #expect(abs(try #require(half.setEntropy) - 0.5 * exact) < 1e-6)
    let own = try first(.rskd, storeAlpha: 0.25)
    #expect(abs(try #require(own.setEntropy) - 0.25 * exact) < 1e-6)
  }

  @Test func otherTargetsHaveNone() throws {
    for objective in [ObjectiveName.ce, .topk, .ghost] {
      #expect(try first(objective).crossEntropy == nil)
    }
  }
}
