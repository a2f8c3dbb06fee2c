import Foundation
import LearningSupport
import RefluxLosses
import RefluxMemory
import RefluxModel
import RefluxPipeline
import RefluxTargets
import TestSupport
import Testing

@testable import RefluxTraining

/// Training on the positions where the student is least sure.
struct FocusTests {
  private let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  // MARK: Which rows

  /// The rows that stay, by sorting.
  private func kept(_ scores: [Float], _ weights: [Float], share: Double) -> [Int] {
    let counted = weights.indices.filter { weights[$0] > 0 }
    let ranked = counted.sorted { a, b in
      let (x, y) = (
        scores[a].isNaN ? .infinity : scores[a], scores[b].isNaN ? .infinity : scores[b]
      )
      return x == y ? a < b : x > y
    }
    return ranked.prefix(Int((share * Double(counted.count) - 1e-9).rounded(.up))).sorted()
  }

  private func narrowed(
    _ scores: [Float], _ weights: [Float], share: Double, window: Int
  ) -> [Float] {
    let arena = Arena()
    return withExtendedLifetime(arena) {
      let focus = StepFocus(
        Focus(.studentEntropy, share: share), rows: scores.count, window: window, arena: arena)
      focus.scores(of: 0..<scores.count).copy(from: scores.span)
      let result: View<Float> = arena.take(weights.count)
      result.copy(from: weights.span)
      focus.narrow(result)
      return (0..<result.count).map { result[$0] }
    }
  }

  @Test(arguments: [0.001, 0.2, 0.5, 0.77, 1])
  func theHighestOfEachWindowStay(share: Double) {
    var random = TestRandom(seed: 11)
    for window in [1, 2, 7, 64] {
      for levels in [3, 1000] {
        let scores = (0..<3 * window).map { _ in Float(random.next() % UInt64(levels)) / 100 }
        var weights = (0..<3 * window).map { _ in Float(random.next() % 3) / 2 }
        // A window in which nothing counts.
        for row in window..<2 * window { weights[row] = 0 }
        let found = narrowed(scores, weights, share: share, window: window)
        for start in stride(from: 0, to: scores.count, by: window) {
          let own = start..<start + window
          let rows = kept(Array(scores[own]), Array(weights[own]), share: share)
          for row in 0..<window {
            #expect(found[start + row] == (rows.contains(row) ? weights[start + row] : 0))
          }
        }
      }
    }
  }

  @Test func tiesGoToTheEarlierPositionAndWhatIsNoNumberComesFirst() {
    let ones = [Float](repeating: 1, count: 6)
    #expect(narrowed([2, 2, 2, 2, 2, 2], ones, share: 0.5, window: 6) == [1, 1, 1, 0, 0, 0])
    #expect(narrowed([1, 3, 2, 3, 3, 0], ones, share: 0.3, window: 6) == [0, 1, 0, 1, 0, 0])
    #expect(narrowed([9, 1, .nan, 8, 0, 0], ones, share: 0.1, window: 6) == [0, 0, 1, 0, 0, 0])
    #expect(narrowed([-1e-9, 0, -0, 0, 0, 0], ones, share: 0.1, window: 6) == [1, 0, 0, 0, 0, 0])
  }

  @Test func theShareIsRoundedUp() {
    for (share, rows, count) in [
      (0.07, 100, 7), (0.1, 30, 3), (0.2, 256, 52), (0.2, 1, 1), (1e-9, 5, 1), (1, 77, 77),
    ] { #expect(Focus(.studentEntropy, share: share).count(of: rows) == count) }
  }

  // MARK: A run

  private func configuration(
    _ objective: ObjectiveName, share: Double?, steps: Int = 12
  ) -> TrainingConfiguration {
    var configuration = setup.configuration(objective)
    (configuration.steps, configuration.warmupSteps) = (steps, min(steps, 2))
    configuration.feed.order = .shuffled
    configuration.focus = share.map { Focus(.studentEntropy, share: $0) }
    return configuration
  }

  private func expectSame(
    _ a: (reports: [StepReport], weights: [Float]), _ b: (reports: [StepReport], weights: [Float])
  ) {
    #expect(a.reports.map(\.loss) == b.reports.map(\.loss))
    #expect(a.reports.map(\.gradientNorm) == b.reports.map(\.gradientNorm))
    #expect(a.reports.map(\.sets) == b.reports.map(\.sets))
    #expect(a.reports.map(\.setEntropy) == b.reports.map(\.setEntropy))
    #expect(a.weights == b.weights)
  }

  private func run(_ trainer: Trainer) throws -> (reports: [StepReport], weights: [Float]) {
    (try trainer.reports(), trainer.weights)
  }

  @Test(arguments: ObjectiveName.trained)
  func allOfThemAreNoFocus(objective: ObjectiveName) throws {
    let plain = try run(setup.trainer("grouped", configuration(objective, share: nil)))
    let all = try run(setup.trainer("grouped", configuration(objective, share: 1)))
    expectSame(plain, all)
  }

  @Test(arguments: [ObjectiveName.rskd, .ghost])
  func workersAndResumingDoNotShow(objective: ObjectiveName) throws {
    var settings = configuration(objective, share: 0.3)
    settings.accumulation = 2
    let runs = try [1, 2, 3].map { workers in
      try run(setup.trainer("plain", settings, workers: workers))
    }
    for other in runs.dropFirst() { expectSame(other, runs[0]) }
    let path = setup.folder.file("focus-\(objective.rawValue)")
    let first = try setup.trainer("plain", settings, workers: 2, checkpoint: path)
    var reports = try first.reports(until: 5)
    let second = try setup.trainer("plain", settings, workers: 1, checkpoint: path)
    #expect(try second.restoreCheckpoint())
    reports += try second.reports()
    expectSame((reports, second.weights), runs[0])
    // Another focus is another run.
    settings.focus?.share = 0.4
    let other = try setup.trainer("plain", settings, checkpoint: path)
    let error = #expect(throws: TrainingError.self) { try other.restoreCheckpoint() }
    #expect(
      "\(try #require(error))".contains("focus student-entropy:0.3, here student-entropy:0.4"))
  }

  /// The first step against the student's own probabilities in float64: its loss is the mean over
  /// the rows of the focus, and its gradient that of the same mean.
  @Test func theStepIsTheMeanOverTheFocus() throws {
    var settings = configuration(.ce, share: 0.25, steps: 1)
    settings.feed.order = .sequential
    let (batch, window) = (settings.batch, settings.window)
    let p = try setup.probabilities("grouped", 0..<batch * window, windows: batch)
    let entropies = p.map { row in Float(row.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }) }
    let ones = [Float](repeating: 1, count: window)
    let rows = (0..<batch).flatMap { index in
      let own = Array(entropies[index * window..<(index + 1) * window])
      return kept(own, ones, share: 0.25).map { index * window + $0 }
    }
    let losses = rows.map { -log(p[$0][Int(setup.data.tokens[$0 + 1])]) }
    let trainer = try setup.trainer("grouped", settings)
    let report = try #require(try trainer.reports().first)
    let mean = losses.reduce(0, +) / Double(losses.count)
    #expect(abs(report.loss - mean) < 1e-5, "\(report.loss) \(mean)")
    #expect(try trainer.gradientValues == gradient(of: rows))
  }

  /// Of the mean cross-entropy of some rows of the first batch.
  private func gradient(of rows: [Int]) throws -> [Float] {
    let (batch, window) = (setup.run.batch, setup.run.window)
    let tokens = Array(setup.data.tokens[0..<batch * window])
    let labels = Array(setup.data.tokens[1...batch * window])
    let decoder = try setup.decoder("grouped", workers: Workers(count: 1))
    let pass = decoder.makeGradientPass(
      windows: batch, window: window, recomputes: false, rowsTogether: 1)
    let arena = Arena()
    let loss = RowLoss.forwardKL(
      from: .label, vocabularySize: TrainingSetup.vocabulary, arena: arena)
    let kept = Set(rows)
    return withExtendedLifetime(arena) {
      _ = pass.run(tokens.span) { own, logits, _ in
        for (index, row) in own.enumerated() {
          _ = loss.gradient(
            logits.row(index), RowTarget(label: Int(labels[row])),
            weight: kept.contains(row) ? 1 : 0, scale: Double(1 / Float(kept.count)))
        }
        return 0
      }
      return (0..<pass.gradients.count).map { pass.gradients[$0] }
    }
  }

  @Test(arguments: [0, -0.5, 1.0001, .nan])
  func otherSharesAreRefused(share: Double) {
    let error = #expect(throws: TrainingError.self) {
      try configuration(.ce, share: share).validate()
    }
    #expect("\(String(describing: error))".contains("focus"))
  }
}
