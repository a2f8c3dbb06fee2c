internal import RefluxFiles
internal import RefluxKernels
internal import RefluxMemory
public import RefluxModel
internal import RefluxModelFiles
internal import RefluxPipeline
internal import RefluxProfiling
public import RefluxStorage
internal import RefluxTargets

/// Writes the sample set of every position of a token store, drawn from a teacher's distributions.
///
/// The draws of position i depend on the seed and i alone, so the store's content is the same for
/// any number of workers, and an interrupted capture resumes where its last whole block ends. While
/// the workers run one group of windows, the sets of the one before are packed and written.
public final class Capture {
  let configuration: CaptureConfiguration
  let tokens: TokenStore
  let source: any CaptureSource
  let windows: CaptureWindows
  /// The positions to capture.
  public let range: Range<Int>

  /// Takes the memory of one group of windows and of the sets of two; nothing is written yet.
  ///
  /// - Parameters:
  ///   - teacher: the model that is run; its window must hold the context.
  ///   - tokens: the store to cache, with the teacher's vocabulary, which may be padded
  ///     differently: nothing is drawn beyond the store's ids (``VocabularyFit``).
  /// - Throws: `modelFiles` where the vocabularies differ, `configuration`, `tooFewTokens` for an
  ///   empty store, or `sampling`.
  public convenience init(
    _ configuration: CaptureConfiguration, teacher: any LanguageModel, tokens: TokenStore
  ) throws(CaptureError) {
    do {
      try VocabularyFit.check(tokens, model: teacher.configuration.vocabularySize)
    } catch { throw .modelFiles(error) }
    try CaptureError.require(
      "context", configuration.context, 1...teacher.maximumWindow)
    let configuration = configuration.ordered
    try self.init(configuration, tokens) { () throws(CaptureError) in
      try TeacherSource(teacher, configuration, tokens)
    }
  }

  /// Takes distributions that were made elsewhere in place of a teacher's.
  ///
  /// - Parameters:
  ///   - logits: a row for every token of the store.
  ///   - workers: who draws.
  /// - Throws: `modelFiles` where the vocabularies differ, `foreignRows`, `configuration`,
  ///   `tooFewTokens` for an empty store, or `sampling`.
  public convenience init(
    _ configuration: CaptureConfiguration, logits: LogitsFile, tokens: TokenStore,
    workers: Workers
  ) throws(CaptureError) {
    try logits.check(tokens)
    let configuration = configuration.ordered
    try self.init(configuration, tokens) { () throws(CaptureError) in
      if logits.isTopK { return try TopSource(logits, configuration, tokens, workers) }
      return try DenseSource(logits, configuration, ids: tokens.vocabularySize, workers)
    }
  }

  private init(
    _ configuration: CaptureConfiguration, _ tokens: TokenStore,
    source: () throws(CaptureError) -> any CaptureSource
  ) throws(CaptureError) {
    try CaptureError.require("context", configuration.context, 1...1 << 30)
    try CaptureError.require("batch", configuration.batch, FeedConfiguration.batchRange)
    if configuration.extras.contains(.power),
      !StoreProvenance.gammaRange.contains(configuration.gamma)
    {
      throw .configuration(
        name: "gamma", found: "\(configuration.gamma)", expected: "a number in 0.01...8")
    }
    if tokens.count < 1 { throw .tooFewTokens(found: tokens.count, needed: 1) }
    do {
      windows = try CaptureWindows(
        tokens, length: configuration.context, batch: configuration.batch,
        packing: configuration.packing)
    } catch { throw .store(error) }
    range = try configuration.part.map(windows.part) ?? configuration.range ?? 0..<tokens.count
    guard range.lowerBound >= 0, range.upperBound <= tokens.count, !range.isEmpty else {
      throw .configuration(
        name: "range", found: "\(range)", expected: "positions within 0..<\(tokens.count)")
    }
    self.configuration = configuration
    self.tokens = tokens
    self.source = try source()
  }

  /// Writes `path`; an unsealed file of an earlier run with the same settings is continued.
  ///
  /// An error leaves before the group of windows after it is stored; what is stored then is kept.
  ///
  /// - Parameters:
  ///   - replaces: an unsealed file that cannot be continued is begun anew.
  ///   - progress: called with the records stored and in all, first with those of earlier runs;
  ///     false stops, and the same call resumes later.
  /// - Throws: among others `StoreError.shard` with the path of an unsealed file that is none.
  public func run(
    to path: String, replaces: Bool = false,
    progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws -> CaptureReport {
    let writer = try writer(path, replaces: replaces)
    let (start, clock, before) = (writer.recordCount, Stopwatch(), source.times)
    let appender = BackgroundAppender(writer)
    _ = progress(start, range.count)
    do {
      try fill(appender, from: range.lowerBound + start) { progress($0, self.range.count) }
    } catch {
      // What an earlier group failed by comes first.
      try appender.finish()
      throw error
    }
    let records = writer.recordCount
    var report = CaptureReport(
      records: records, resumedRecords: start, uniqueIDsPerRecord: nil, bytesPerRecord: nil,
      tokensPerSecond: Double(records - start) / clock.seconds, finished: records == range.count,
      times: times(of: appender, since: before))
    if report.finished {
      let summary = try writer.seal()
      let unique = try appender.uniqueIDs + countUnique(path, records: start)
      report.bytesPerRecord = Double(summary.fileBytes) / Double(records)
      report.uniqueIDsPerRecord = Double(unique) / Double(records)
    }
    return report
  }

  private func writer(_ path: String, replaces: Bool) throws -> SampleStoreWriter {
    let configuration = try storeConfiguration()
    do throws(StoreError) {
      return try SampleStoreWriter.resume(path: path, configuration: configuration)
    } catch {
      switch error {
      case .file, .configuration: throw error
      case _ where replaces: return try SampleStoreWriter(path: path, configuration: configuration)
      case .differentPartial: throw error
      default: throw StoreError.shard(path + AtomicFile.partialSuffix, error)
      }
    }
  }

  /// Makes and stores the sets from a record on, until the end or until `progress` says so.
  private func fill(
    _ appender: BackgroundAppender, from first: Int, progress: (Int) -> Bool
  ) throws {
    let (reader, sets) = (tokens.makeReader(), [makeSets(), makeSets()])
    var (done, turn) = (first, 0)
    while done < range.upperBound {
      let group = try group(from: done, reader)
      try source.fill(sets[turn], group)
      // The group that was just made is dropped when the run is to stop.
      if try appender.finish(), !progress(appender.writer.recordCount) { return }
      appender.begin(sets[turn], group)
      done = group.wanted.upperBound
      turn = 1 - turn
    }
    if try appender.finish() { _ = progress(appender.writer.recordCount) }
  }

  private func times(of appender: BackgroundAppender, since before: CaptureTimes) -> CaptureTimes {
    let now = source.times
    return CaptureTimes(
      forward: now.forward - before.forward, sampling: now.sampling - before.sampling,
      storing: appender.seconds, waiting: appender.waited)
  }
}
