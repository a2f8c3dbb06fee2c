import LearningSupport
import RefluxKernels
import RefluxMemory
import RefluxModel
import RefluxPipeline
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// The seam between a run and what takes its steps.
struct StepEngineTests {
  /// Two engines with weights and moments of their own that take the batches of a step in turns and
  /// share their gradients before the norm, as ranks would.
  private final class TwoRanks: StepEngine {
    private let ranks: [CPUEngine]
    private var turn = 0

    init(_ ranks: [CPUEngine]) { self.ranks = ranks }

    func loss(
      of batch: borrowing Batch, step: Int, accumulates: Bool
    ) throws(TrainingError) -> LossSums {
      turn = accumulates ? turn + 1 : 0
      return try ranks[turn % 2].loss(of: batch, step: step, accumulates: turn >= 2)
    }

    func gradientNorm() -> Double {
      add(ranks[1].gradients, to: ranks[0].gradients)
      ranks[1].gradients.copy(from: ranks[0].gradients)
      return ranks[0].gradientNorm()
    }

    func update(step: Int, rate: Double, norm: Double) {
      for rank in ranks { rank.update(step: step, rate: rate, norm: norm) }
    }

    var gradients: View<Float> { ranks[0].gradients }

    func withState<Result>(
      _ body: (TrainingState) throws(TrainingError) -> Result
    ) throws(TrainingError) -> Result { try ranks[0].withState(body) }

    func replaceState<Result>(
      _ body: (TrainingState) throws(TrainingError) -> Result
    ) throws(TrainingError) -> Result { try ranks[0].replaceState(body) }
  }

  @Test func twoRanksGiveTheBitsOfOne() throws {
    let setup = try TrainingSetup()
    var configuration = setup.configuration(.rskd)
    (configuration.accumulation, configuration.steps) = (2, 6)
    let whole = try setup.trainer("grouped", configuration)
    let expected = try whole.reports()

    let path = setup.folder.file("checkpoint.safetensors")
    let students = try (0..<2).map { _ in
      try setup.decoder("grouped", workers: Workers(count: 2))
    }
    let source = FeedSource(name: "tokens", tokens: setup.tokens, samples: try setup.drawn())
    let ranks = try Trainer(
      configuration, decoder: students[0], sources: [source], teacher: nil, checkpointPath: path
    ) { sources, _ throws(TrainingError) in
      TwoRanks(
        try students.map { student throws(TrainingError) in
          try CPUEngine(student, configuration, sources: sources, teacher: nil)
        })
    }
    let found = try ranks.reports()
    #expect(found.map(\.loss) == expected.map(\.loss))
    #expect(found.map(\.setEntropy) == expected.map(\.setEntropy))
    #expect(found.map(\.gradientNorm) == expected.map(\.gradientNorm))
    #expect(ranks.weights == whole.weights)
    let second = students[1].weights
    #expect((0..<second.count).map { second[$0] } == whole.weights)

    // What one engine stored, another continues with.
    let resumed = try setup.trainer("grouped", configuration, checkpoint: path)
    #expect(try resumed.restoreCheckpoint())
    #expect(resumed.step == 6 && resumed.weights == whole.weights)
  }
}
