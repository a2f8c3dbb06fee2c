internal import Foundation
internal import RefluxCapture
internal import RefluxFiles
internal import RefluxMemory
internal import RefluxModel
internal import RefluxProfiling
internal import RefluxRandom
internal import RefluxSampling
internal import RefluxStorage

/// A teacher of random weights, a store of random tokens, and what is done with them.
final class CaptureSubject {
  /// Sums over the captures that count.
  private(set) var times = CaptureTimes()
  /// Ids per set.
  private(set) var uniqueIDs = 0.0
  private let model: any LanguageModel
  private let pass: any ForwardPass
  private let capturing: Capture
  private let ids: [UInt32]
  private let logits: [Matrix<Float>]
  private let output: String
  private let group: Int
  private let arena = Arena()

  init(
    _ teacher: CaptureBenchmark.Teacher, _ precision: Precision,
    _ c: CaptureBenchmark.Configuration
  ) throws {
    let sizes = teacher.sizes(window: c.window)
    model = try sizes.makeModel(
      window: c.window, precision: precision, workers: Workers(count: c.threads))
    model.initialize(seed: 2)
    Self.sharpen(model)
    group = c.batch * c.window
    var random = RandomStream(seed: 0, stream: 0)
    ids = (0..<c.groups * group).map { _ in
      UInt32(random.next() % UInt64(sizes.vocabularySize))
    }
    let tokens = try Self.store(
      ids, sizes.vocabularySize,
      at: c.scratch + "/capture-\(teacher.rawValue)-\(precision.rawValue).rfx")
    pass = model.makeForwardPass(windows: c.batch, window: c.window)
    let arena = arena
    logits = (0..<c.threads).map { _ in
      arena.takeMatrix(Capture.rowsPerShare, sizes.vocabularySize)
    }
    capturing = try Capture(
      CaptureConfiguration(
        sampler: SamplerConfiguration(rounds: c.rounds), context: c.window, batch: c.batch,
        teacher: teacher.rawValue),
      teacher: model, tokens: tokens)
    output = c.scratch + "/captured.rfx"
  }

  var parameterCount: Int { model.configuration.parameterCount }
  var vocabularySize: Int { model.configuration.vocabularySize }
  var tokenCount: Int { ids.count }

  /// Gives logits a deviation of about 5.5: final hidden states have a mean square of 1.
  private static func sharpen(_ model: any LanguageModel) {
    let sizes = model.configuration
    let scale = Float(5.5 / (sizes.initializerRange * Double(sizes.hiddenSize).squareRoot()))
    let head = model.weights.slice(
      model.table.head, sizes.vocabularySize * sizes.hiddenSize)
    for index in 0..<head.count { head[index] *= scale }
    model.weightsChanged()
  }

  private static func store(
    _ ids: [UInt32], _ vocabularySize: Int, at path: String
  ) throws -> TokenStore {
    let writer = try TokenStoreWriter(
      path: path, configuration: TokenStoreConfiguration(vocabularySize: vocabularySize))
    try writer.append(document: ids.span)
    _ = try writer.seal()
    return try TokenStore(path: path)
  }

  /// Layers and head over all windows; returns the seconds.
  func forward() -> Double {
    let (clock, share) = (Stopwatch(), Capture.rowsPerShare)
    let (pass, logits) = (pass, logits)
    for first in stride(from: 0, to: ids.count, by: group) {
      let part = Array(ids[first..<first + group])
      pass.run(part.span)
      model.workers.run((part.count + share - 1) / share) { index, worker in
        let rows = index * share..<min((index + 1) * share, part.count)
        pass.logits(rows, into: logits[worker].rows(0, rows.count), worker: worker)
      }
    }
    let seconds = clock.seconds
    BlackHole.consume(UInt64(logits[0].row(0)[0].bitPattern))
    return seconds
  }

  /// A whole capture; returns the seconds.
  func capture(counts: Bool) throws -> Double {
    let clock = Stopwatch()
    let report = try capturing.run(to: output)
    let seconds = clock.seconds
    try FileSystem.remove(path: output)
    uniqueIDs = report.uniqueIDsPerRecord ?? .nan
    if counts { times += report.times }
    return seconds
  }
}

extension CaptureBenchmark.Teacher {
  func sizes(window: Int) -> DecoderConfiguration {
    switch self {
    case .quickstart:
      DecoderConfiguration(
        vocabularySize: 4096, hiddenSize: 256, intermediateSize: 688, layers: 6, heads: 4,
        positions: window, tiedHead: false)
    case .anchor:
      DecoderConfiguration(
        vocabularySize: 32_000, hiddenSize: 384, intermediateSize: 1024, layers: 6, heads: 6,
        positions: window, tiedHead: false)
    }
  }
}
