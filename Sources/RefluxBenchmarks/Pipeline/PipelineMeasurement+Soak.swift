internal import RefluxJSON
internal import RefluxPipeline
internal import RefluxProfiling
internal import RefluxRandom

extension PipelineMeasurement {
  /// Feeds that are stopped and resumed at random, for `seconds`: every batch must be what it
  /// was the first time, and memory must stay where it was.
  ///
  /// Lanes, slots, cache, the way of stopping and the step to resume at are drawn anew for each.
  func soak(seconds: Double) throws -> BenchmarkRow {
    observer.note("soak: \(Int(seconds)) seconds")
    let subject = PipelineSubject(
      payload: .samples, encoding: .packed, order: .shuffled, window: 2048, threads: 1,
      isCold: false)
    let source = try data.source(.samples, .packed)
    let first = try Feed([source], configuration: subject.feed(configuration))
    let expected = try (0..<2 * first.stepsPerEpoch).map { _ in try first.withNextBatch(Self.sum) }
    var stream = RandomStream(seed: configuration.seed, stream: 2)
    func random(_ count: Int) -> Int {
      Int(stream.next().multipliedFullWidth(by: UInt64(count)).high)
    }
    let stopwatch = Stopwatch()
    var (feeds, batches, memory): (Int, Int, [Int]) = (0, 0, [])
    var turns: [Double] = []
    while stopwatch.seconds < seconds {
      try observer.check()
      let turn = Stopwatch()
      var settings = subject.feed(configuration)
      (settings.lanes, settings.slots) = (1 + random(4), 1 + random(5))
      settings.cacheBytes = random(3) << 22
      settings.measures = random(2) == 0
      settings.position = first.plan.position(atStep: random(expected.count))
      let feed = try Feed([source], configuration: settings)
      for _ in 0..<min(random(12), expected.count - feed.nextStep) {
        let step = feed.nextStep
        guard try feed.withNextBatch(Self.sum) == expected[step] else {
          throw BenchmarkError.feed("step \(step) differs from the first time; report this")
        }
        batches += 1
      }
      if random(2) == 0 { feed.canceller.cancel() }
      feeds += 1
      turns.append(turn.seconds)
      if feeds % 64 == 0 { memory.append(PageCache.heapBytes) }
    }
    let half = memory.count / 2
    let (early, late) = (memory[..<half].sorted(), memory[half...].sorted())
    return BenchmarkRow(
      bench: "soak", parameters: subject.parameters(configuration), timing: Timing(turns),
      figures: [
        "seconds": .number(stopwatch.seconds), "feeds": .integer(feeds),
        "batches": .integer(batches), "memory_bytes": .integer(late.last ?? 0),
        // Lanes of dropped feeds end when they can: the peak is theirs, a leak moves the median.
        "memory_growth_bytes": .integer(Self.median(late) - Self.median(early)),
        "peak_growth_bytes": .integer((late.last ?? 0) - (early.last ?? 0)),
      ])
  }

  private static func median(_ sorted: [Int]) -> Int {
    sorted.isEmpty ? 0 : sorted[sorted.count / 2]
  }

  /// A number made from everything that a batch holds.
  private static func sum(_ batch: borrowing Batch) -> UInt64 {
    var sum = UInt64(batch.step)
    for index in 0..<batch.tokens.count {
      sum = sum &* 31 &+ UInt64(batch.tokens[index]) &+ UInt64(batch.labels[index]) << 32
      sum &+= UInt64(truncatingIfNeeded: batch.offsets[index])
    }
    let used = Int(batch.offsets[batch.offsets.count - 1])
    for index in 0..<used {
      sum = sum &* 31 &+ UInt64(batch.ids[index]) &+ UInt64(batch.weights[index].bitPattern) << 32
    }
    return sum
  }
}
