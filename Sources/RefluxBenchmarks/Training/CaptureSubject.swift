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
final class CaptureSubject<Element: Scalar> {
  /// Sums over the captures that count.
  private(set) var times = CaptureTimes()
  /// Ids per set.
  private(set) var uniqueIDs = 0.0
  private let decoder: Decoder<Element>
  private let pass: InferencePass<Element>
  private let capturing: Capture
  private let ids: [UInt32]
  private let logits: [Matrix<Float>]
  private let output: String
  private let group: Int
  private let arena = Arena()

  init(
    _ teacher: CaptureBenchmark.Teacher, _ c: CaptureBenchmark.Configuration
  ) throws {
    let sizes = teacher.sizes(window: c.window)
    decoder = try Decoder(sizes, window: c.window, workers: Workers(count: c.threads))
    decoder.initialize(seed: 2)
    Self.sharpen(decoder)
    group = c.batch * c.window
    var random = RandomStream(seed: 0, stream: 0)
    ids = (0..<c.groups * group).map { _ in
      UInt32(random.next() % UInt64(sizes.vocabularySize))
    }
    let tokens = try Self.store(
      ids, sizes.vocabularySize, at: c.scratch + "/capture-\(teacher.rawValue)-\(Element.name).rfx")
    pass = InferencePass(decoder, windows: c.batch, window: c.window)
    let arena = arena
    logits = (0..<c.threads).map { _ in
      arena.takeMatrix(Capture.rowsPerShare, sizes.vocabularySize)
    }
    capturing = try Capture(
      CaptureConfiguration(
        sampler: SamplerConfiguration(rounds: c.rounds), context: c.window, batch: c.batch,
        teacher: teacher.rawValue),
      teacher: decoder, tokens: tokens)
    output = c.scratch + "/captured.rfx"
  }

  var parameterCount: Int { decoder.configuration.parameterCount }
  var vocabularySize: Int { decoder.configuration.vocabularySize }
  var tokenCount: Int { ids.count }

  /// Gives logits a deviation of about 5.5: final hidden states have a mean square of 1.
  private static func sharpen(_ decoder: Decoder<Element>) {
    let sizes = decoder.configuration
    let scale = Float(5.5 / (0.02 * Double(sizes.hiddenSize).squareRoot()))
    let head = decoder.weights.slice(
      decoder.table.head, sizes.vocabularySize * sizes.hiddenSize)
    for index in 0..<head.count { head[index] *= scale }
    decoder.weightsChanged()
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
    let (decoder, logits) = (decoder, logits)
    for first in stride(from: 0, to: ids.count, by: group) {
      let part = Array(ids[first..<first + group])
      let hidden = pass.hidden(part.span)
      decoder.workers.run((hidden.rows + share - 1) / share) { index, worker in
        let rows = min(share, hidden.rows - index * share)
        decoder.logits(
          hidden.rows(index * share, rows), into: logits[worker].rows(0, rows), worker: worker)
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
