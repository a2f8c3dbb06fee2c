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
    let writer = try SampleStoreWriter.resume(
      path: path, vocabularySize: tokens.vocabularySize, capacity: rows.capacity,
      weighted: rows.isWeighted, provenance: provenance)
    let (start, clock, reader) = (writer.recordCount, Stopwatch(), tokens.makeReader())
    var (done, unique) = (start, 0)
    _ = progress(start, tokens.count)
    while done < tokens.count {
      let first = groupStart(of: done)
      let end = min(first + configuration.batch * configuration.context, tokens.count)
      let hidden = try hidden(first..<end, reader)
      try rows.fill(hidden, first: first, skipping: done - first)
      unique += try rows.write(to: writer, skipping: done - first, count: hidden.rows)
      done = first + hidden.rows
      if !progress(done, tokens.count) && done < tokens.count { break }
    }
    var report = CaptureReport(
      records: done, resumedRecords: start, uniqueIDsPerRecord: nil, bytesPerRecord: nil,
      tokensPerSecond: Double(done - start) / clock.seconds, finished: done == tokens.count)
    if report.finished {
      let summary = try writer.seal()
      unique += try countUnique(path, records: start)
      report.bytesPerRecord = Double(summary.fileBytes) / Double(done)
      report.uniqueIDsPerRecord = Double(unique) / Double(done)
    }
    return report
  }

  /// Ids in the sets that earlier runs wrote.
  private func countUnique(_ path: String, records: Int) throws(StoreError) -> Int {
    if records == 0 { return 0 }
    let reader = try SampleStore(path: path).makeReader()
    let share = 1024
    var lengths = [Int32](repeating: 0, count: share)
    var ids = [UInt32](repeating: 0, count: share * rows.capacity)
    var weights = [Float](repeating: 0, count: share * rows.capacity)
    var lengthSpan = lengths.mutableSpan
    var idSpan = ids.mutableSpan
    var weightSpan = weights.mutableSpan
    var unique = 0
    for first in stride(from: 0, to: records, by: share) {
      let end = min(first + share, records)
      try reader.read(
        first..<end, lengths: &lengthSpan, ids: &idSpan, weights: &weightSpan)
      for row in 0..<end - first { unique += Int(lengthSpan[row]) }
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
  private func hidden(
    _ records: Range<Int>, _ reader: TokenReader
  ) throws -> Matrix<Element> {
    var ids = [UInt32](repeating: 0, count: records.count)
    var span = ids.mutableSpan
    try reader.read(records, into: &span)
    let whole = ids.count / configuration.context * configuration.context
    // A short last window goes by itself, in the next call.
    if whole == ids.count { return pass.hidden(ids.span) }
    if whole == 0 { return pass.extend(ids.span, from: 0) }
    return pass.hidden(ids.span.extracting(0..<whole))
  }

  private var provenance: StoreProvenance {
    StoreProvenance(
      tokenizerHash: tokens.header.provenance.tokenizerHash, tokensHash: tokens.fingerprint,
      teacher: "\(configuration.teacher), xxh64 \(hexadecimal(teacherHash))",
      estimator: configuration.sampler.estimator.rawValue,
      rounds: configuration.sampler.rounds, tau: configuration.sampler.tau,
      seed: configuration.sampler.seed, contextLength: configuration.context,
      stride: configuration.context)
  }
}
