internal import Dispatch
internal import RefluxJSON
internal import RefluxPipeline
internal import RefluxStorage

extension PipelineMeasurement {
  /// Batches of one kind, beside what bounds them.
  func feed(_ subject: PipelineSubject) throws -> BenchmarkRow {
    observer.note(subject.announcement)
    return subject.isCold ? try cold(subject) : try warm(subject)
  }

  private func warm(_ subject: PipelineSubject) throws -> BenchmarkRow {
    let heap = PageCache.heapBytes
    let source = try data.source(subject.payload, subject.encoding)
    let settings = subject.feed(configuration)
    let feed = try Feed([source], configuration: settings)
    // Runs of an epoch, so that each reads the same.
    let (steps, tokens) = (feed.stepsPerEpoch, feed.stepsPerEpoch * settings.batch * subject.window)
    let limit = try limit(subject)
    let timings = try harness.compare {
      () throws(BenchmarkError) in
      try Self.take(steps, feed)
    } limit: {
      () throws(BenchmarkError) in
      try limit.run(tokens)
    }
    var figures = try beside(subject, tokens)
    figures.add("memory_bytes", .integer(max(0, PageCache.heapBytes - heap - limit.bytes)))
    figures.add("formula_bytes", .integer(Feed.memoryBytes([source], settings)))
    return BenchmarkRow(
      bench: "feed", parameters: subject.parameters(configuration), threads: subject.threads,
      timing: timings.work, tokens: tokens, limit: timings.limit, limitTokens: limit.tokens,
      figures: figures)
  }

  private func cold(_ subject: PipelineSubject) throws -> BenchmarkRow {
    let settings = subject.feed(configuration)
    var seconds: [Double] = []
    var tokens = 0
    for _ in 0..<min(3, configuration.runs) {
      for path in data.paths(subject.payload, subject.encoding) { PageCache.drop(path: path) }
      let timing = try Harness(runs: 1, warmUps: 0, observer: observer).measure {
        () throws(BenchmarkError) in
        try Self.wrapping {
          let source = try data.source(subject.payload, subject.encoding)
          let feed = try Feed([source], configuration: settings)
          tokens = feed.stepsPerEpoch * settings.batch * subject.window
          return try Self.take(feed.stepsPerEpoch, feed)
        }
      }
      seconds.append(timing.median)
    }
    return BenchmarkRow(
      bench: "feed", parameters: subject.parameters(configuration), threads: subject.threads,
      timing: Timing(seconds), tokens: tokens, figures: goals(subject))
  }

  private func goals(_ subject: PipelineSubject) -> JSONObject {
    guard subject.order == .shuffled, subject.window == 2048, subject.threads == 1,
      !subject.isCold
    else { return [:] }
    switch (subject.payload, subject.encoding) {
    case (.tokens, _): return ["goal_tokens_per_second": .number(300e6)]
    case (.samples, .packed):
      return ["goal_tokens_per_second": .number(10e6), "goal_ratio_to_limit": .number(0.8)]
    case (.samples, .plain): return [:]
    }
  }

  private func limit(_ subject: PipelineSubject) throws -> PipelineLimit {
    if subject.payload == .tokens {
      return PipelineLimit(copying: 8 * PipelineSubject.batchTokens)
    }
    return try PipelineLimit(
      decoding: data.samplesPath(subject.encoding), threads: subject.threads)
  }

  /// `memcpy` of what a batch with samples holds, and LZ4 on the plain store, in tokens per second.
  private func beside(_ subject: PipelineSubject, _ tokens: Int) throws -> JSONObject {
    var figures = goals(subject)
    guard subject.payload == .samples else { return figures }
    let perToken = 8 + 4 + Int(8 * data.idsPerRecord)
    let copy = PipelineLimit(copying: perToken * PipelineSubject.batchTokens)
    let copying = try harness.measure { () throws(BenchmarkError) in try copy.run(tokens) }
    figures.add("memcpy_tokens_per_second", .number(copying.rate(of: tokens)))
    figures.add("unique_ids_per_record", .number(data.idsPerRecord))
    guard subject.encoding == .plain else { return figures }
    let store = try data.source(.samples, .plain).samples
    if let probe = try store.map({ try PayloadProbe($0) }) {
      let lz4 = try harness.measure { () throws(BenchmarkError) in
        (0..<probe.count).reduce(0) { $0 &+ probe.decompress($1) }
      }
      figures.add("lz4_tokens_per_second", .number(lz4.rate(of: store?.count ?? 0)))
    }
    return figures
  }
}
