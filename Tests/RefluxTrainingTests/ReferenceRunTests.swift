import Foundation
import LearningSupport
import RefluxKernels
import RefluxMemory
import RefluxModel
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// The objectives that the stored runs have.
private let storedObjectives: [ObjectiveName] = [.ce, .rskd, .topk, .fullkd]

/// Ten steps against `transformers` and `torch.optim.AdamW`, from the stored runs.
struct ReferenceRunTests {
  let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  @Test(arguments: ["grouped", "plain"], storedObjectives)
  func tenLossesAgree(model: String, objective: ObjectiveName) throws {
    let course = try #require(setup.run.runs[model]?[objective.rawValue])
    let trainer = try setup.trainer(model, setup.configuration(objective))
    let before = trainer.weights
    let reports = try trainer.reports()
    #expect(reports.count == course.losses.count)
    for (index, report) in reports.enumerated() {
      #expect(report.step == index + 1 && report.tokens == (index + 1) * 36)
      // Every update divides by a root of small numbers: later steps carry the rounding of all
      // before. torch's own float32 run is up to 2.3e-6 off in the loss.
      let slack = index == 0 ? 1.0 : 10
      let loss = course.losses[index]
      #expect(
        abs(report.loss - loss) < slack * 3e-6 * loss, "step \(index): \(report.loss), \(loss)")
      let norm = course.gradient_norms[index]
      #expect(abs(report.gradientNorm - norm) < slack * 3e-5 * norm, "step \(index)")
      #expect(abs(report.learningRate - setup.run.learning_rates[index]) < 1e-15)
    }
    let after = trainer.weights
    for (name, expected) in course.changes {
      let change = zip(trainer.tensor(name, in: after), trainer.tensor(name, in: before))
        .map { $0 - $1 }
      let (norm, probe) = summary(change)
      #expect(abs(norm - expected.norm) < 1e-3 * expected.norm, "\(name)")
      #expect(abs(probe - expected.probe) < 1e-3 * expected.norm, "\(name)")
    }
  }

  @Test(arguments: ["grouped", "plain"], storedObjectives)
  func everyGradientOfTheFirstStepAgrees(model: String, objective: ObjectiveName) throws {
    let course = try #require(setup.run.runs[model]?[objective.rawValue])
    let trainer = try setup.trainer(model, setup.configuration(objective))
    #expect(try trainer.reports(until: 1).count == 1)
    let gradients = trainer.gradientValues
    let stored = try StoredRun.results(model)
    for (name, expected) in course.gradients {
      let found = trainer.tensor(name, in: gradients)
      let (norm, probe) = summary(found)
      #expect(abs(norm - expected.norm) < 2e-5 * expected.norm, "\(name)")
      #expect(abs(probe - expected.probe) < 2e-5 * expected.norm, "\(name)")
      let key = "gradients.\(objective.rawValue).\(name)"
      guard stored.names.contains(key) else { continue }
      let exact = stored.floats(key)
      let error = zip(found, exact).map { abs($0 - $1) }.max() ?? 0
      #expect(error < 2e-5 * (exact.map(abs).max() ?? 0), "\(name)")
    }
  }

  /// With bfloat16 operands the course stays within a per cent.
  @Test(.enabled(if: Products.supportsBFloat16), arguments: storedObjectives)
  func bfloat16StaysNear(objective: ObjectiveName) throws {
    let course = try #require(setup.run.runs["grouped"]?[objective.rawValue])
    let trainer = try setup.trainer(
      "grouped", setup.configuration(objective), precision: .bfloat16)
    for (report, loss) in zip(try trainer.reports(), course.losses) {
      #expect(abs(report.loss - loss) < 0.02 * loss)
    }
  }

  // MARK: Schedule

  @Test func scheduleIsTheStoredOne() {
    let schedule = LearningRateSchedule(
      peak: setup.run.peak, warmupSteps: setup.run.warmup, steps: setup.run.steps,
      floorShare: setup.run.floor_share)
    for (step, rate) in setup.run.learning_rates.enumerated() {
      #expect(abs(schedule.rate(at: step) - rate) < 1e-15)
    }
  }

  @Test func scheduleHasNoHoles() {
    let short = LearningRateSchedule(peak: 1, warmupSteps: 0, steps: 1)
    #expect(abs(short.rate(at: 0) - 0.1) < 1e-12)
    let rising = LearningRateSchedule(peak: 1, warmupSteps: 4, steps: 4)
    #expect((0..<4).map { rising.rate(at: $0) } == [0.25, 0.5, 0.75, 1])
    let flat = LearningRateSchedule(peak: 2, warmupSteps: 1, steps: 50, floorShare: 1)
    #expect((0..<50).allSatisfy { abs(flat.rate(at: $0) - 2) < 1e-12 })
  }
}
