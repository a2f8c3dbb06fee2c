import LearningSupport
import RefluxKernels
import RefluxMemory
import RefluxModel
import RefluxModelFiles
import RefluxPipeline
import RefluxTargets
import RefluxTraining
import TestSupport
import Testing

/// Muon against `torch.optim.Muon`, from the stored steps, and as a part of a run.
struct MuonTests {
  /// What `References/make_muon.py` stored.
  private static let stored = Result {
    try StoredTensors(path: StoredRun.folder + "/muon.safetensors")
  }

  private static func gradient(step: Int, number: Int, _ count: Int) -> [Float] {
    var random = TestRandom(seed: UInt64(1000 * step + number))
    return (0..<count).map { _ in Float(random.next() >> 40) / 16_777_216 - 0.5 }
  }

  /// A model after the four stored steps.
  private func trained(
    _ model: String, workers: Int = 2, _ precision: Precision = .float32
  ) throws -> (names: [String], weights: [[Float]]) {
    let path = RepositoryFolder.file("Tests/RefluxModelTests/References/" + model)
    let decoder = try ModelFolder.load(
      path, window: 8, precision: precision, workers: Workers(count: workers))
    let optimizer = Optimizer(decoder, kind: .muon)
    let (arena, entries) = (Arena(), decoder.table.entries)
    let gradients: View<Float> = arena.take(decoder.table.count)
    let names = entries.map(\.name).sorted()
    for step in 1...4 {
      for entry in entries {
        let number = try #require(names.firstIndex(of: entry.name))
        let values = Self.gradient(step: step, number: number, entry.count)
        gradients.slice(entry.offset, entry.count).copy(from: values.span)
      }
      let norm = optimizer.norm(gradients)
      optimizer.update(gradients, step: step - 1, rate: Double(step) / 100, norm: norm)
    }
    let weights = entries.map { entry in
      (0..<entry.count).map { decoder.weights[entry.offset + $0] }
    }
    return withExtendedLifetime((arena, optimizer)) { (entries.map(\.name), weights) }
  }

  private func largestError(_ found: [Float], _ expected: [Float]) -> Float {
    precondition(found.count == expected.count)
    let errors = zip(found, expected).map { abs($0 - $1) }
    return errors.contains(where: \.isNaN) ? .infinity : errors.max() ?? 0
  }

  @Test(arguments: ["mistral", "gpt2"])
  func fourStepsAgreeWithTorch(model: String) throws {
    let stored = try Self.stored.get()
    let (names, weights) = try trained(model)
    for (name, found) in zip(names, weights) {
      let error = largestError(found, stored.floats("\(model).\(name)"))
      #expect(error < 1e-5, "\(name)")
    }
  }

  /// Operands of 8 bits: no further off than torch's own run in bfloat16.
  @Test(.enabled(if: Products.supportsBFloat16), arguments: ["mistral", "gpt2"])
  func bfloat16IsAsNearAsTorch(model: String) throws {
    let stored = try Self.stored.get()
    let (names, weights) = try trained(model, .bfloat16)
    for (name, found) in zip(names, weights) {
      let error = largestError(found, stored.floats("\(model).\(name)"))
      let drift = "drift.\(model).\(name)"
      let allowed = stored.names.contains(drift) ? 1.5 * stored.floats(drift)[0] : 1e-5
      #expect(error < allowed, "\(name)")
    }
  }

  @Test(arguments: ["mistral", "gpt2"])
  func anyNumberOfWorkersGivesTheSameBits(model: String) throws {
    let runs = try [1, 2, 3].map { try trained(model, workers: $0).weights }
    #expect(runs[0] == runs[1] && runs[0] == runs[2])
  }

  /// Matrices of more than one slice of rows, tall, wide and square, against the definition.
  @Test func largeMatricesAgreeWithTheDefinition() throws {
    let sizes = DecoderConfiguration(
      vocabularySize: 8, hiddenSize: 144, intermediateSize: 260, layers: 1, heads: 9, keyHeads: 3,
      positions: 8)
    let runs = try [1, 2, 3].map { workers in
      try updated(sizes, workers: workers)
    }
    #expect(runs[0].after == runs[1].after && runs[0].after == runs[2].after)
    let table = ParameterTable(sizes)
    let muon = Muon()
    for entry in table.entries where table.isHidden(entry) {
      let (rows, columns) = (entry.shape[0], entry.shape[1])
      func matrix(_ values: [Float]) -> [[Double]] {
        (0..<rows).map { row in
          (0..<columns).map { Double(values[entry.offset + row * columns + $0]) }
        }
      }
      var weights = matrix(runs[0].before)
      var m = weights.map { $0.map { _ in 0.0 } }
      muon.reference(
        weights: &weights, m: &m, gradient: matrix(runs[0].gradients), rate: 0.02, decay: 0.1,
        clip: 1 / runs[0].norm)
      let expected = weights.flatMap { $0.map { Float($0) } }
      let found = Array(runs[0].after[entry.offset..<entry.offset + entry.count])
      #expect(largestError(found, expected) < 1e-5, "\(entry.name)")
    }
  }

  private func updated(
    _ sizes: DecoderConfiguration, workers: Int
  ) throws -> (before: [Float], gradients: [Float], norm: Double, after: [Float]) {
    let decoder = try sizes.makeModel(window: 8, workers: Workers(count: workers))
    decoder.initialize(seed: 3)
    let optimizer = Optimizer(decoder, kind: .muon)
    let arena = Arena()
    let gradients: View<Float> = arena.take(decoder.table.count)
    let values = Self.gradient(step: 1, number: 0, gradients.count)
    gradients.copy(from: values.span)
    func weights() -> [Float] { (0..<decoder.weights.count).map { decoder.weights[$0] } }
    let before = weights()
    let norm = optimizer.norm(gradients)
    optimizer.update(gradients, step: 0, rate: 0.02, norm: norm)
    return withExtendedLifetime((arena, optimizer)) { (before, values, norm, weights()) }
  }

  /// A matrix without gradient shrinks and does nothing else.
  @Test func noGradientIsNoStep() throws {
    let sizes = DecoderConfiguration(
      vocabularySize: 8, hiddenSize: 16, intermediateSize: 24, layers: 1, heads: 2, positions: 8)
    let decoder = try sizes.makeModel(window: 8, workers: Workers(count: 1))
    decoder.initialize(seed: 3)
    let optimizer = Optimizer(decoder, kind: .muon)
    let arena = Arena()
    let gradients: View<Float> = arena.take(decoder.table.count)
    let offset = decoder.table.layers[0].matrices[0].offset
    let before = decoder.weights[offset]
    optimizer.update(gradients, step: 0, rate: 0.5, norm: optimizer.norm(gradients))
    #expect(abs(decoder.weights[offset] - 0.95 * before) < 1e-7)
    withExtendedLifetime(arena) {}
  }

  // MARK: Runs

  private func configuration(_ setup: TrainingSetup) -> TrainingConfiguration {
    var configuration = setup.configuration(.rskd)
    configuration.optimizer = .muon
    configuration.feed.order = .shuffled
    configuration.steps = 14
    return configuration
  }

  /// Stopped after 4 and 9 steps, each time gone on by a new trainer with other workers.
  private func expectSameBitsOnResuming(_ precision: Precision) throws {
    let setup = try TrainingSetup()
    let whole = try setup.trainer(
      "grouped", configuration(setup), precision: precision, workers: 1)
    let expected = try whole.reports()
    let path = setup.folder.file("checkpoint-\(precision)")
    var (reports, last): ([StepReport], [Float]) = ([], [])
    for (index, stop) in [4, 9, 14].enumerated() {
      let trainer = try setup.trainer(
        "grouped", configuration(setup), precision: precision, workers: 1 + index,
        checkpoint: path)
      #expect(try trainer.restoreCheckpoint() == (index > 0))
      reports += try trainer.reports(until: stop)
      last = trainer.weights
    }
    #expect(reports.map(\.loss) == expected.map(\.loss))
    #expect(last == whole.weights && last.allSatisfy(\.isFinite))
    // The checkpoint has no second moments of the layers' matrices.
    let names = try StoredTensors(path: path).names
    #expect(names.contains("first_moments.model.layers.0.self_attn.q_proj.weight"))
    #expect(names.contains("second_moments.model.embed_tokens.weight"))
    #expect(!names.contains { $0.hasPrefix("second_moments.") && $0.contains("_proj") })
  }

  @Test func resumingGivesTheSameBits() throws {
    try expectSameBitsOnResuming(.float32)
    if Products.supportsBFloat16 { try expectSameBitsOnResuming(.bfloat16) }
  }

  @Test func anotherOptimizersCheckpointIsRefused() throws {
    let setup = try TrainingSetup()
    let path = setup.folder.file("checkpoint")
    let first = try setup.trainer(
      "grouped", configuration(setup), checkpoint: path)
    _ = try first.reports(until: 2)
    var other = configuration(setup)
    other.optimizer = .adamw
    let second = try setup.trainer("grouped", other, checkpoint: path)
    let error = #expect(throws: TrainingError.self) { try second.restoreCheckpoint() }
    let text = error.map(String.init(describing:)) ?? ""
    #expect(text.contains("optimizer muon, here adamw"))
  }
}
