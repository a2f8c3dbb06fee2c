import LearningSupport
import RefluxCapture
import RefluxEvaluation
import RefluxMemory
import RefluxModel
import RefluxModelFiles
import RefluxPipeline
import RefluxSampling
import RefluxStorage
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// What runs say of their memory before they take it.
@Suite struct MemoryNeedTests {
  private let setup: TrainingSetup
  private let sizes: DecoderConfiguration
  private let workers = Workers(count: 3)

  init() throws {
    setup = try TrainingSetup()
    sizes = try ModelFolder.configuration(at: StoredRun.folder + "/grouped/config.json")
  }

  private func parts(
    _ objective: ObjectiveName = .rskd, evaluates: Bool = true,
    _ change: (inout TrainingConfiguration) -> Void = { _ in }
  ) throws -> [String: Int] {
    var configuration = setup.configuration(objective)
    change(&configuration)
    let source = FeedSource(
      name: "tokens", tokens: setup.tokens, samples: try setup.samples(objective, "s.rfx"))
    let parts = try Trainer.memory(
      configuration, student: sizes, sources: [source], teacher: sizes, precision: .float32,
      workers: workers, evaluates: evaluates)
    #expect(parts.allSatisfy { $0.need.addressBytes >= $0.need.bytes })
    return Dictionary(uniqueKeysWithValues: parts.map { ($0.part, $0.need.bytes) })
  }

  private func rounded(_ bytes: Int) -> Int { (bytes + 63) & ~63 }

  /// The parts are what the objects of a run take, and formulas where there are some.
  @Test func partsAreThoseOfTheRun() throws {
    let found = try parts()
    let count = sizes.parameterCount
    let pass = TrainingPass(
      try Decoder<Float>(sizes, window: setup.run.window, workers: workers),
      windows: setup.run.batch, window: setup.run.window)
    #expect(try #require(found["weights"]) >= 4 * count)
    let slices = try #require(found["moments"]) - 2 * rounded(4 * count)
    #expect((64...65_536).contains(slices))
    #expect(found["checkpoint"] == 3 * rounded(4 * count))
    let batch = try #require(found["batch"])
    #expect(batch > pass.byteCount && batch < 2 * pass.byteCount)
    #expect(try #require(found["evaluation"]) > 0)
    #expect(found["teacher"] == nil)
    #expect(try parts(evaluates: false)["evaluation"] == nil)
    #expect(try #require(parts(.fullkd)["teacher"]) >= 4 * count)
  }

  @Test func optionsLowerIt() throws {
    let whole = try parts()
    let smaller = try parts { $0.feed.batch = 1 }
    #expect(try #require(smaller["batch"]) < #require(whole["batch"]))
    #expect(smaller["moments"] == whole["moments"])
    let recomputed = try parts { $0.recomputes = true }
    #expect(try #require(recomputed["batch"]) < #require(whole["batch"]))
    let summed = try parts { $0.accumulation = 2 }
    #expect(
      try #require(summed["batch"]) == #require(whole["batch"]) + rounded(4 * sizes.parameterCount))
    let muon = try parts { $0.optimizer = .muon }
    #expect(try #require(muon["checkpoint"]) < #require(whole["checkpoint"]))
  }

  /// Sizes that no machine holds cost nothing to measure.
  @Test func otherVerbsSayTheirs() throws {
    let count = 4 * sizes.parameterCount
    let evaluation = try Evaluator.memory(
      of: sizes, teacher: sizes, window: setup.run.window, samples: try setup.drawn(),
      gradients: GradientPlan(sizes: [1, 2], drawn: []), precision: .float32,
      workers: workers)
    // Weights of both, gradients of a batch, and sums of two sizes and two targets.
    #expect(evaluation.bytes > 7 * count)
    let capture = try Capture.memory(
      CaptureConfiguration(sampler: .init(), context: setup.run.window, batch: 1000, teacher: "t"),
      teacher: sizes, precision: .float32, workers: workers)
    #expect(capture.bytes > count + 1000 * setup.run.window * 4 * sizes.hiddenSize)
    let text = try Generator.memory(
      of: sizes, draft: sizes, positions: setup.run.window, precision: .float32,
      workers: workers)
    #expect(text.bytes > 2 * count)
    #expect(throws: ModelError.self) {
      _ = try Generator.memory(
        of: sizes, positions: 1 << 40, precision: .float32, workers: workers)
    }
  }
}
