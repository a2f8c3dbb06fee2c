internal import RefluxProfiling
internal import RefluxStorage
internal import RefluxTargets

/// One prefetch thread's readers and scratch.
final class Lane {
  let plan: FeedPlan
  let configuration: FeedConfiguration
  let board: LaneBoard
  private var cursor: FeedPlan.Cursor
  private var readers: [SourceReaders]
  private var readAhead: ReadAhead
  private let times: ReadTimes?
  private let sampleCapacity: Int?
  private let weighsTokens: Bool

  init(
    plan: FeedPlan, sources: [FeedSource], configuration: FeedConfiguration, board: LaneBoard
  ) {
    self.plan = plan
    self.configuration = configuration
    self.board = board
    cursor = plan.makeCursor()
    let times = configuration.measures ? ReadTimes() : nil
    self.times = times
    sampleCapacity = sources.compactMap(\.samples?.capacity).max()
    weighsTokens = sources.contains { $0.weights != nil }
    let share = configuration.cacheBytes / (configuration.lanes * sources.count)
    readers = sources.map {
      SourceReaders(
        $0, scalars: configuration.scalars, cacheBytes: share, times: times)
    }
    readAhead = ReadAhead(rows: plan.batch)
  }

  /// Memory for a batch.
  func makeBatch() -> Batch {
    Batch(
      batch: plan.batch, window: plan.window, sampleCapacity: sampleCapacity,
      scalars: configuration.scalars, marksDocuments: configuration.packing.marksDocuments,
      weighsTokens: weighsTokens)
  }

  /// Fills the batch of a step.
  ///
  /// - Parameter waited: nanoseconds that the slot was waited for.
  /// - Throws: `tokens` or `samples`; the batch is then partly written.
  func fill(_ batch: inout Batch, step: Int, waited: UInt64) throws(FeedError) {
    (batch.step, batch.skippedRows, batch.skippedFault) = (step, 0, nil)
    plan.fill(step: step, rows: &batch.rowStorage, &cursor)
    for readers in readers { readers.beginTurn() }
    times?.reset()
    for row in 0..<plan.batch {
      let made = batch.rowStorage[row]
      batch.windowStorage[row] = made.window
      batch.alphaStorage[row] = readers[made.source].alpha
      readers[made.source].begin(epoch: made.epoch)
      do throws(FeedError) {
        try fill(&batch, row, from: made, weight: readers[made.source].tokenWeight)
      } catch {
        guard configuration.onDamage == .skip, error.isDamage else { throw error }
        try replace(&batch, row, error)
      }
    }
    if let times { note(times, waited, &batch) }
  }

  /// Asks for what this lane's next step needs, where bytes came from the medium lately.
  func prepare(step: Int) {
    readAhead.run(plan, step: step, &cursor, readers)
  }

  /// Puts the next window of the batch that can be read into a row, with no weight.
  private func replace(
    _ batch: inout Batch, _ row: Int, _ fault: FeedError
  ) throws(FeedError) {
    for distance in 1..<max(plan.batch, 1) {
      do throws(FeedError) {
        try fill(&batch, row, from: batch.rowStorage[(row + distance) % plan.batch], weight: 0)
        batch.skippedRows += 1
        batch.skippedFault = fault
        return
      } catch  where error.isDamage {
        continue
      }
    }
    throw fault
  }

  private func fill(
    _ batch: inout Batch, _ row: Int, from made: PlanRow, weight: Float
  ) throws(FeedError) {
    batch.rowWeightStorage[row] = weight
    let (readers, source) = (readers[made.source], plan.sources[made.source])
    let step = batch.step
    let filler = RowFiller(
      window: plan.window, row: row, weight: weight, packing: configuration.packing)
    do throws(StoreError) {
      board.set(.tokens, row: row)
      try filler.readTokens(&batch, readers.tokens, source, made.window)
    } catch {
      throw named(.tokens(error, step: step), made)
    }
    if let weights = readers.weights {
      do throws(StoreError) {
        try filler.readWeights(&batch, weights, source, made.window)
      } catch {
        throw named(.tokenWeights(error, step: step), made)
      }
    }
    guard let samples = readers.samples else { return }
    do throws(StoreError) {
      board.set(.samples, row: row)
      try filler.readSamples(&batch, samples, source, made.window)
    } catch {
      throw named(.samples(error, step: step), made)
    }
  }

  private func named(_ error: FeedError, _ made: PlanRow) -> FeedError {
    plan.sources.count == 1 ? error : .blended(plan.sources[made.source].name, error)
  }

  private func note(_ times: ReadTimes, _ waited: UInt64, _ batch: inout Batch) {
    batch.stageNanoseconds[FeedStatistics.index(.slot)] = waited
    batch.stageNanoseconds[FeedStatistics.index(.read)] = times.read
    batch.stageNanoseconds[FeedStatistics.index(.decompress)] = times.decode
    batch.stageNanoseconds[FeedStatistics.index(.gather)] = times.gather
  }
}

extension FeedError {
  /// Whether a block is at fault, and not the whole file or the machine.
  var isDamage: Bool {
    switch self {
    case .tokens(let error, _), .samples(let error, _), .tokenWeights(let error, _): error.isDamage
    case .blended(_, let error): error.isDamage
    default: false
    }
  }
}

extension StoreError {
  fileprivate var isDamage: Bool {
    switch self {
    case .damaged(_, _, .vanished): false
    case .damaged: true
    case .shard(_, let error): error.isDamage
    default: false
    }
  }
}

extension Lane {
  /// A lane's life: its steps in order, until the end, a failure or `cancel`.
  func run(_ number: Int, _ steps: Range<Int>, _ ring: Ring, _ slots: [Slot]) {
    defer { board.set(.ended) }
    let lanes = configuration.lanes
    guard number < steps.count else { return }
    for step in stride(from: steps.lowerBound + number, to: steps.upperBound, by: lanes) {
      board.begin(step: step)
      guard let waited = wait(step, ring) else { return }
      let slot = slots[ring.slot(ofStep: step)]
      slot.prepare { makeBatch() }
      do {
        try fill(&slot.batch, step: step, waited: waited)
        ring.finish(step: step, failure: nil)
      } catch {
        ring.finish(step: step, failure: error)
        return board.set(.failed)
      }
      if steps.upperBound - step > lanes { prepare(step: step + lanes) }
    }
  }

  /// Waits for the slot of a step; returns for how many nanoseconds where times are taken, nil
  /// after `cancel`.
  private func wait(_ step: Int, _ ring: Ring) -> UInt64? {
    guard configuration.measures else { return ring.waitToFill(step: step) ? 0 : nil }
    let stopwatch = Stopwatch()
    let mayFill = ring.waitToFill(step: step)
    return mayFill ? UInt64(stopwatch.seconds * 1e9) : nil
  }
}
