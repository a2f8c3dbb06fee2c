internal import RefluxJSON
internal import RefluxPipeline
internal import RefluxProfiling
internal import RefluxRandom
internal import RefluxStorage

/// The measurements of the feed.
struct PipelineMeasurement {
  let data: PipelineData
  let configuration: PipelineBenchmark.Configuration
  let observer: BenchmarkObserver

  var harness: Harness { Harness(runs: configuration.runs, warmUps: 1, observer: observer) }

  /// Runs work whose errors have no path.
  static func wrapping<Result>(_ body: () throws -> Result) throws(BenchmarkError) -> Result {
    do { return try body() } catch let error as BenchmarkError { throw error } catch {
      throw .feed("\(error)")
    }
  }

  /// Takes `steps` batches; returns a number made from them.
  static func take(_ steps: Int, _ feed: Feed) throws(BenchmarkError) -> UInt64 {
    try wrapping {
      var sum: UInt64 = 0
      for _ in 0..<steps {
        try feed.withNextBatch { batch in
          let last = batch.tokens.count - 1
          sum &+= UInt64(batch.tokens[0]) &+ UInt64(batch.labels[last])
          if batch.sampleCapacity > 0 { sum &+= UInt64(batch.ids[0]) }
        }
      }
      return sum
    }
  }

  // MARK: Jump and start

  /// New feeds at random positions of a long run, to their first batch.
  func jump(payload: PipelineSubject.Payload) throws -> BenchmarkRow {
    observer.note("jump: \(payload)")
    let subject = PipelineSubject(
      payload: payload, encoding: .packed, order: .shuffled, window: 2048, threads: 1,
      isCold: false)
    let source = try data.source(payload, .packed)
    var stream = RandomStream(seed: configuration.seed, stream: 1)
    var feed = subject.feed(configuration)
    let origin = try FeedSource.plan([source], feed)
    var planning: [Double] = []
    let timing = try Harness(runs: 101, warmUps: 5, observer: observer).measure {
      () throws(BenchmarkError) in
      feed.position = origin.position(atStep: Int(stream.next() >> 18))
      return try Self.wrapping {
        let stopwatch = Stopwatch()
        let plan = try FeedSource.plan([source], feed)
        var rows = Array(repeating: PlanRow(), count: plan.batch)
        var cursor = plan.makeCursor()
        plan.fill(step: feed.startStep, rows: &rows, &cursor)
        planning.append(stopwatch.seconds)
        return try Self.take(1, try Feed([source], configuration: feed))
      }
    }
    var figures: JSONObject = ["goal_ms": .number(10)]
    figures.add("plan_ms", .number(1e3 * Timing(planning).median))
    return BenchmarkRow(
      bench: "jump", parameters: subject.parameters(configuration), timing: timing,
      figures: figures)
  }

  /// A run on a folder of many shards: opening it, and the first batch.
  func start() throws -> BenchmarkRow {
    observer.note("start: writing \(configuration.shards) shards")
    let folder = try data.writeShards(configuration.shards, observer)
    observer.note("start")
    var feed = FeedConfiguration(batch: 8, window: 2048, seed: configuration.seed, lanes: 1)
    feed.remainder = .carried
    let heap = PageCache.heapBytes
    var memory = 0
    // One step only, so that the lane has let go of the store when the run's time is taken:
    // unmapping thousands of files holds up whoever maps others.
    feed.stepCount = 1
    var (seconds, opening): ([Double], [Double]) = ([], [])
    for counts in harness.turns {
      try harness.check()
      let stopwatch = Stopwatch()
      let tokens = try naming(folder) { () throws(StoreError) in try TokenStore(path: folder) }
      let opened = stopwatch.seconds
      let started = try Self.wrapping {
        try Feed([FeedSource(name: folder, tokens: tokens)], configuration: feed)
      }
      BlackHole.consume(try Self.take(1, started))
      if !counts { continue }
      seconds.append(stopwatch.seconds)
      opening.append(opened)
      memory = max(memory, PageCache.heapBytes - heap)
    }
    return BenchmarkRow(
      bench: "start",
      parameters: [
        "payload": .string("tokens"), "encoding": .string("plain"), "order": .string("shuffled"),
        "window": .integer(2048), "page_cache": .string("warm"),
        "shards": .integer(configuration.shards),
      ], timing: Timing(seconds),
      figures: [
        "goal_ms": .number(200), "open_ms": .number(1e3 * Timing(opening).median),
        "memory_bytes": .integer(memory),
      ])
  }
}
