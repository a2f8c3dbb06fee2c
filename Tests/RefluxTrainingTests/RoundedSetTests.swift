import LearningSupport
import RefluxLosses
import RefluxModel
import RefluxStorage
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// Sets whose weights a store has rounded to a mass above 1.
@Suite struct RoundedSetTests {
  private let setup: TrainingSetup

  init() throws { setup = try TrainingSetup() }

  /// 0.7 and 0.3 are 1.0002 as 16-bit floats and 1.0044 in 8 bits.
  private func store(_ values: SampleValues, _ weights: [Float] = [0.7, 0.3]) throws -> SampleStore
  {
    let path = setup.folder.file("\(values.rawValue)-\(weights[0]).rfx")
    let writer = try SampleStoreWriter(
      path: path,
      configuration: SampleStoreConfiguration(
        vocabularySize: TrainingSetup.vocabulary, capacity: 2, values: values,
        provenance: setup.provenance("topk")))
    let ids: [UInt32] = [3, 40]
    for _ in 0..<setup.tokens.count {
      try writer.append(ids: ids.span, weights: weights.span)
    }
    _ = try writer.seal()
    return try SampleStore(path: path)
  }

  private func losses(
    _ objective: ObjectiveName, alpha: Double, _ samples: SampleStore
  ) throws -> [Double] {
    var configuration = setup.configuration(objective)
    configuration.loss.distillation = alpha
    let trainer = try Trainer(
      configuration, decoder: setup.decoder("grouped", workers: Workers(count: 2)),
      tokens: setup.tokens, samples: samples)
    return try trainer.reports(until: 2).map(\.loss)
  }

  @Test(arguments: [ObjectiveName.topk, .ghost, .smoothing, .naive])
  func areTrainedOn(objective: ObjectiveName) throws {
    for values in [SampleValues.float32, .float16, .logarithm8] {
      let samples = try store(values)
      #expect(samples.values == values)
      for alpha in [1, 0.9, 0] {
        let found = try losses(objective, alpha: alpha, samples)
        #expect(found.allSatisfy { $0.isFinite })
        // With nothing left for others the rest does not matter.
        let raw = try losses(.topk, alpha: alpha, samples)
        for (a, b) in zip(found, raw) { #expect(abs(a - b) < 2e-4 * (1 + abs(b))) }
      }
    }
  }

  /// What no rounding explains is refused, with its place.
  @Test func largerMassesAreNoRounding() throws {
    let samples = try store(.float16, [0.7, 0.35])
    let error = #expect(throws: TrainingError.self) {
      _ = try losses(.smoothing, alpha: 1, samples)
    }
    #expect("\(try #require(error))".contains("the set's mass 1.05"))
  }
}
