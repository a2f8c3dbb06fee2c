internal import Foundation
internal import RefluxFiles
internal import RefluxKernels
internal import RefluxLosses
internal import RefluxMemory
package import RefluxModel
internal import RefluxModelFiles
internal import RefluxPipeline
package import RefluxStorage
package import RefluxTargets
package import RefluxTraining
package import TestSupport

/// The stored stream, sample sets and models as stores and decoders in a folder of their own.
package final class TrainingSetup: Sendable {
  package let folder = TemporaryFolder()
  package let run: StoredRun
  package let data: StoredData
  package let tokens: TokenStore

  package static let vocabulary = 67
  /// More ids than padding could explain.
  package static let otherVocabulary = vocabulary + PaddedVocabulary.limit + 1

  package init() throws {
    run = try StoredRun.load()
    data = try StoredRun.data()
    tokens = try Self.tokenStore(data.tokens, at: folder.file("tokens.rfx"))
  }

  package static func tokenStore(
    _ ids: [UInt32], vocabulary: Int = vocabulary, at path: String
  ) throws -> TokenStore {
    let writer = try TokenStoreWriter(
      path: path, configuration: TokenStoreConfiguration(vocabularySize: vocabulary))
    try writer.append(document: ids.span)
    _ = try writer.seal()
    return try TokenStore(path: path)
  }

  package func provenance(_ estimator: String) -> StoreProvenance {
    StoreProvenance(
      tokensHash: tokens.fingerprint, teacher: "stored", estimator: estimator,
      rounds: estimator == "topk" ? run.top : run.rounds, tau: 1, seed: 0,
      contextLength: run.window, stride: run.window)
  }

  /// The stored draws as a counted store.
  ///
  /// - Parameter shift: positions that the sets stand too far on: 0 is right.
  package func drawn(
    _ name: String = "drawn.rfx", provenance: StoreProvenance? = nil, shift: Int = 0,
    encoding: SampleEncoding = .plain
  ) throws -> SampleStore {
    let path = folder.file(name)
    var configuration = SampleStoreConfiguration(
      vocabularySize: Self.vocabulary, capacity: run.rounds,
      provenance: provenance ?? self.provenance("multinomial"))
    configuration.encoding = encoding
    if encoding == .packed { configuration.frequencies = try tokens.frequencies() }
    let writer = try SampleStoreWriter(path: path, configuration: configuration)
    for index in data.samples.indices {
      let set = data.samples[(index + shift) % data.samples.count]
      try writer.append(ids: set.ids.span, counts: set.counts.span)
    }
    _ = try writer.seal()
    return try SampleStore(path: path)
  }

  /// The stored top-K sets as a weighted store.
  package func top(_ name: String = "top.rfx") throws -> SampleStore {
    let path = folder.file(name)
    let writer = try SampleStoreWriter(
      path: path,
      configuration: SampleStoreConfiguration(
        vocabularySize: Self.vocabulary, capacity: run.top, values: .float32,
        provenance: provenance("topk")))
    for set in data.top { try writer.append(ids: set.ids.span, weights: set.weights.span) }
    _ = try writer.seal()
    return try SampleStore(path: path)
  }

  /// Draws from a vocabulary that no student here has.
  package func larger() throws -> SampleStore {
    let path = folder.file("larger.rfx")
    let writer = try SampleStoreWriter(
      path: path,
      configuration: SampleStoreConfiguration(
        vocabularySize: 5000, capacity: run.rounds, provenance: provenance("multinomial")))
    for _ in 0..<tokens.count {
      try writer.append(ids: [4999], counts: [UInt32(run.rounds)])
    }
    _ = try writer.seal()
    return try SampleStore(path: path)
  }

  /// The sample store that an objective needs, if any.
  package func samples(_ objective: ObjectiveName, _ name: String) throws -> SampleStore? {
    switch objective.entry.kinds[0] {
    case .topk: try top(name)
    case .sampled: try drawn(name)
    case .label, .dense: nil
    }
  }

  /// The stored run's configuration.
  package func configuration(_ objective: ObjectiveName) -> TrainingConfiguration {
    TrainingConfiguration(
      objective: ObjectiveChoice(objective), batch: run.batch, window: run.window, steps: run.steps,
      peakRate: run.peak, warmupSteps: run.warmup, floorShare: run.floor_share, order: .sequential)
  }

  package func decoder(
    _ model: String, precision: Precision = .float32, workers: Workers
  ) throws -> any LanguageModel {
    try ModelFolder.load(
      StoredRun.folder + "/" + model, window: run.window, precision: precision, workers: workers)
  }

  /// What a stored model says of records of the stored stream, read as windows of one length, each
  /// on its own; in float64 from its logits.
  package func probabilities(
    _ model: String, _ records: Range<Int>, windows: Int = 1
  ) throws -> [[Double]] {
    let decoder = try self.decoder(model, workers: Workers(count: 1))
    let pass = decoder.makeForwardPass(windows: windows, window: records.count / windows)
    let arena = Arena()
    return withExtendedLifetime((pass, arena)) {
      pass.run(Array(data.tokens[records]).span)
      let output: Matrix<Float> = arena.takeMatrix(records.count, Self.vocabulary)
      pass.logits(0..<records.count, into: output, worker: 0)
      return (0..<output.rows).map { row in
        let logits = (0..<output.columns).map { Double(output.row(row)[$0]) }
        let high = logits.max() ?? 0
        let masses = logits.map { exp($0 - high) }
        let total = masses.reduce(0, +)
        return masses.map { $0 / total }
      }
    }
  }

  /// A trainer of a stored model on the stored data.
  package func trainer(
    _ model: String, _ configuration: TrainingConfiguration, precision: Precision = .float32,
    workers count: Int = 2, checkpoint: String? = nil
  ) throws -> Trainer {
    let workers = Workers(count: count)
    let teacher =
      configuration.kind == .dense
      ? try decoder("teacher", precision: precision, workers: workers) : nil
    return try Trainer(
      configuration, decoder: decoder(model, precision: precision, workers: workers),
      tokens: tokens,
      samples: samples(configuration.objective.name, UUID().uuidString + ".rfx"), teacher: teacher,
      checkpointPath: checkpoint)
  }
}

extension ObjectiveName {
  /// The objectives that every property of training is held against.
  package static let trained: [ObjectiveName] = [
    .ce, .rskd, .topk, .ghost, .smoothing, .naive, .fullkd,
  ]
}

extension Trainer {
  /// All weights, read while the trainer is alive.
  package var weights: [Float] { (0..<decoder.weights.count).map { decoder.weights[$0] } }

  /// The values of one tensor in an array laid out as the decoder's table.
  package func tensor(_ name: String, in values: [Float]) -> [Float] {
    let entry = decoder.table.entries.first { $0.name == name }!
    return Array(values[entry.offset..<entry.offset + entry.count])
  }

  package var gradientValues: [Float] { (0..<gradients.count).map { gradients[$0] } }

  /// Runs to the end, or until `steps` are done.
  package func reports(until steps: Int = .max) throws -> [StepReport] {
    var reports: [StepReport] = []
    _ = try run(onStep: { reports.append($0) }, shouldStop: { reports.last!.step >= steps })
    return reports
  }
}

/// Norm, and product with cos(0), cos(1), ...
package func summary(_ values: [Float]) -> (norm: Double, probe: Double) {
  let norm = values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  let probe = values.indices.reduce(0) { $0 + Double(values[$1]) * cos(Double($1)) }
  return (norm, probe)
}
