internal import Foundation
public import RefluxKernels
public import RefluxModel
internal import RefluxProfiling
internal import RefluxSampling
public import RefluxStorage

/// Runs a teacher over a token store and writes the sample set of every position.
///
/// The draws of position i depend on the seed and i alone, so the store's content is the same for
/// any number of workers, and an interrupted capture goes on where its last whole block ends.
public final class Capture<Element: Scalar> {
  private let configuration: CaptureConfiguration
  private let pass: InferencePass<Element>
  private let tokens: TokenStore
  private let rows: CaptureRows<Element>
  /// The positions to capture.
  private let range: Range<Int>
  /// Keeps a capture from going on with another teacher of the same name.
  private let teacherHash: UInt64

  /// Takes the memory of one group of windows; nothing is written yet.
  ///
  /// - Parameters:
  ///   - teacher: the model that is run; its window must hold the context.
  ///   - tokens: the store to cache, with the teacher's vocabulary.
  /// - Throws: `vocabulary`, `configuration`, `tooFewTokens` for an empty store, or `sampling`.
  public init(
    _ configuration: CaptureConfiguration, teacher: Decoder<Element>, tokens: TokenStore
  ) throws(TrainingError) {
    let vocabulary = teacher.configuration.vocabularySize
    if vocabulary != tokens.vocabularySize {
      throw .vocabulary(found: vocabulary, expected: tokens.vocabularySize)
    }
    try TrainingConfiguration.require(
      "context", configuration.context, 1...teacher.maximumWindow)
    try TrainingConfiguration.require("batch", configuration.batch, 1...65_536)
    if tokens.count < 1 { throw .tooFewTokens(found: tokens.count, needed: 1) }
    range = configuration.range ?? 0..<tokens.count
    guard range.lowerBound >= 0, range.upperBound <= tokens.count, !range.isEmpty else {
      throw .configuration(
        name: "range", found: "\(range)", expected: "positions within 0..<\(tokens.count)")
    }
    self.configuration = configuration
    self.tokens = tokens
    teacherHash = teacher.fingerprint
    pass = InferencePass(teacher, windows: configuration.batch, window: configuration.context)
    do { rows = try CaptureRows(teacher, configuration) } catch { throw .sampling(error) }
  }

  /// Writes `path`; an unsealed file of an earlier run with the same settings is continued.
  ///
  /// - Parameter progress: called with the records done and in all, first with those of earlier
  ///   runs; false stops, and the same call goes on later.
  public func run(
    to path: String, progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> CaptureReport {
    let writer = try SampleStoreWriter.resume(path: path, configuration: try storeConfiguration())
    let (start, clock, reader) = (writer.recordCount, Stopwatch(), tokens.makeReader())
    var (done, unique) = (range.lowerBound + start, 0)
    _ = progress(start, range.count)
    while done < range.upperBound {
      let first = groupStart(of: done)
      let end = min(first + configuration.batch * configuration.context, tokens.count)
      // With the token after the last one, whose probability a store may keep.
      let ids = try reader.read(first..<min(end + 1, tokens.count))
      let hidden = hidden(ids.span.extracting(0..<end - first))
      let wanted = done - first..<min(hidden.rows, range.upperBound - first)
      try rows.fill(hidden, ids, first: first, wanted)
      unique += try rows.write(to: writer, ids, wanted)
      done = first + wanted.upperBound
      if !progress(done - range.lowerBound, range.count) && done < range.upperBound { break }
    }
    let records = done - range.lowerBound
    var report = CaptureReport(
      records: records, resumedRecords: start, uniqueIDsPerRecord: nil, bytesPerRecord: nil,
      tokensPerSecond: Double(records - start) / clock.seconds,
      finished: done == range.upperBound)
    if report.finished {
      let summary = try writer.seal()
      unique += try countUnique(path, records: start)
      report.bytesPerRecord = Double(summary.fileBytes) / Double(records)
      report.uniqueIDsPerRecord = Double(unique) / Double(records)
    }
    return report
  }

  private func storeConfiguration() throws(StoreError) -> SampleStoreConfiguration {
    var result = SampleStoreConfiguration(
      vocabularySize: tokens.vocabularySize, capacity: rows.capacity,
      values: rows.isWeighted ? configuration.weights : .counts, provenance: provenance)
    result.knownVocabulary = tokens.header.knownVocabulary
    result.extras = configuration.extras
    result.firstPosition = range.lowerBound
    result.encoding = configuration.encoding
    result.level = configuration.level
    if configuration.encoding == .packed { result.frequencies = try tokens.frequencies() }
    return result
  }

  /// Ids in the sets that earlier runs wrote.
  private func countUnique(_ path: String, records: Int) throws(StoreError) -> Int {
    if records == 0 { return 0 }
    let reader = try SampleStore(path: path).makeReader()
    let share = 1024
    var offsets = [Int32](repeating: 0, count: share + 1)
    var ids = [UInt32](repeating: 0, count: share * rows.capacity)
    var weights = [Float](repeating: 0, count: share * rows.capacity)
    var offsetSpan = offsets.mutableSpan
    var idSpan = ids.mutableSpan
    var weightSpan = weights.mutableSpan
    var unique = 0
    for first in stride(from: 0, to: records, by: share) {
      let end = min(first + share, records)
      unique += try reader.read(
        first..<end, offsets: &offsetSpan, ids: &idSpan, weights: &weightSpan)
    }
    return unique
  }

  /// Where the group of windows with this record starts: always at a multiple of the batch, so that
  /// a capture that goes on computes with the same shapes, and so to the same bits, as one that
  /// never stopped. A short last window is a group of its own.
  private func groupStart(of record: Int) -> Int {
    let whole = tokens.count / configuration.context * configuration.context
    let group = configuration.batch * configuration.context
    return record < whole ? record / group * group : whole
  }

  /// Hidden states of records from a window's start on; the last window may be short.
  private func hidden(_ ids: Span<UInt32>) -> Matrix<Element> {
    let whole = ids.count / configuration.context * configuration.context
    // A short last window goes by itself, in the next call.
    if whole == 0 { return pass.extend(ids, from: 0) }
    return pass.hidden(ids.extracting(0..<whole))
  }

  private var provenance: StoreProvenance {
    StoreProvenance(
      tokenizerHash: tokens.header.provenance.tokenizerHash, tokensHash: tokens.fingerprint,
      teacherHash: teacherHash, teacher: configuration.teacher,
      estimator: configuration.sampler.estimator.rawValue, packing: "windows",
      software: configuration.software,
      rounds: configuration.sampler.rounds, tau: configuration.sampler.tau,
      seed: configuration.sampler.seed, contextLength: configuration.context,
      stride: configuration.context, created: configuration.created, notes: configuration.notes)
  }
}
