import RefluxPipeline
import RefluxStorage
import Testing

/// What a batch holds, in plain arrays.
struct Delivered: Equatable {
  var step: Int
  var windows: [Int]
  var tokens: [UInt32]
  var labels: [UInt32]
  var offsets: [Int32]
  var ids: [UInt32]
  var weights: [Float]

  init(_ batch: borrowing Batch) {
    step = batch.step
    windows = batch.windowIndices.indices.map { batch.windowIndices[$0] }
    tokens = batch.tokens.indices.map { batch.tokens[$0] }
    labels = batch.labels.indices.map { batch.labels[$0] }
    offsets = batch.offsets.indices.map { batch.offsets[$0] }
    let used = Int(offsets.last ?? 0)
    ids = (0..<used).map { batch.ids[$0] }
    weights = (0..<used).map { batch.weights[$0] }
  }
}

extension Feed {
  func take(_ steps: Int) throws -> [Delivered] {
    try (0..<steps).map { _ in try withNextBatch { Delivered($0) } }
  }
}

@Suite struct FeedTests {
  /// 61 windows of 32: five per batch, twelve steps per epoch, one window left out.
  static func stores(weighted: Bool = false) throws -> TestStores {
    try TestStores(count: 61 * 32 + 7, window: 32, weighted: weighted)
  }

  static func configuration(
    order: FeedConfiguration.Order = .shuffled, lanes: Int = 2, slots: Int = 4, firstStep: Int = 0,
    stepCount: Int? = nil
  ) -> FeedConfiguration {
    FeedConfiguration(
      batch: 5, window: 32, seed: 9, order: order, lanes: lanes, slots: slots,
      firstStep: firstStep, stepCount: stepCount)
  }

  @Test(arguments: FeedConfiguration.Order.allCases, [false, true])
  func batchesHoldTheStoresRecords(order: FeedConfiguration.Order, weighted: Bool) throws {
    let stores = try Self.stores(weighted: weighted)
    let samples = try stores.samples()
    let feed = try Feed(
      tokens: stores.tokens(), samples: samples, configuration: Self.configuration(order: order))
    #expect(feed.stepsPerEpoch == 12)
    let reader = samples.makeReader()
    var windows = [Int](repeating: 0, count: 5)
    for (step, batch) in try feed.take(30).enumerated() {
      feed.plan.fill(step: step, windows: &windows)
      #expect(batch.step == step && batch.windows == windows)
      for row in 0..<5 {
        for position in 0..<32 {
          let (record, index) = (windows[row] * 32 + position, row * 32 + position)
          #expect(batch.tokens[index] == stores.ids[record])
          #expect(batch.labels[index] == stores.ids[record + 1])
          let expected = try reader.record(record)
          let range = Int(batch.offsets[index])..<Int(batch.offsets[index + 1])
          #expect(Array(batch.ids[range]) == expected.ids)
          let weights =
            weighted ? expected.weights : expected.counts.map { Float($0) / Float(expected.rounds) }
          #expect(Array(batch.weights[range]) == weights)
        }
      }
    }
  }

  @Test func withoutSamplesThereAreTokensAndLabels() throws {
    let stores = try Self.stores()
    let with = try Feed(
      tokens: stores.tokens(), samples: stores.samples(), configuration: Self.configuration())
    let without = try Feed(
      tokens: stores.tokens(), samples: nil, configuration: Self.configuration())
    for (one, other) in zip(try with.take(15), try without.take(15)) {
      #expect(one.tokens == other.tokens && one.labels == other.labels)
      #expect(other.ids.isEmpty && other.offsets.isEmpty && other.weights.isEmpty)
    }
  }

  @Test func lanesAndSlotsChangeNothing() throws {
    let stores = try Self.stores()
    let (tokens, samples) = (try stores.tokens(), try stores.samples())
    var reference: [Delivered] = []
    for lanes in [1, 2, 3, 7] {
      for slots in 1...5 {
        let feed = try Feed(
          tokens: tokens, samples: samples,
          configuration: Self.configuration(lanes: lanes, slots: slots))
        let delivered = try feed.take(40)
        if reference.isEmpty { reference = delivered }
        #expect(delivered == reference, "\(lanes) lanes, \(slots) slots")
      }
    }
  }

  @Test func resumingAnywhereIsGoingOn() throws {
    let stores = try Self.stores()
    let (tokens, samples) = (try stores.tokens(), try stores.samples())
    let all = try Feed(tokens: tokens, samples: samples, configuration: Self.configuration())
      .take(40)
    for first in 0..<37 {
      let feed = try Feed(
        tokens: tokens, samples: samples,
        configuration: Self.configuration(
          lanes: 1 + first % 3, slots: 1 + first % 4, firstStep: first))
      #expect(feed.nextStep == first)
      #expect(try feed.take(3) == Array(all[first..<first + 3]))
    }
    let far = try Feed(
      tokens: tokens, samples: samples, configuration: Self.configuration(firstStep: 1 << 48))
    #expect(try far.take(2).map(\.step) == [1 << 48, 1 << 48 + 1])
  }

  @Test func allStepsAskedForAreDeliveredAndNoMore() throws {
    let stores = try Self.stores()
    for (count, lanes) in [(0, 1), (1, 3), (2, 3), (7, 2), (25, 3)] {
      let feed = try Feed(
        tokens: stores.tokens(), samples: nil,
        configuration: Self.configuration(lanes: lanes, firstStep: 5, stepCount: count))
      #expect(try feed.take(count).map(\.step) == Array(5..<5 + count))
      for _ in 0..<2 {
        #expect(throws: FeedError.finished(steps: count)) { try feed.take(1) }
      }
    }
  }

  /// Slots are written in place: no more than one token array per slot ever exists.
  @Test func slotsAreReused() throws {
    let stores = try Self.stores()
    let feed = try Feed(
      tokens: stores.tokens(), samples: stores.samples(),
      configuration: Self.configuration(slots: 3))
    var places: Set<[UInt]> = []
    for _ in 0..<50 {
      try feed.withNextBatch { batch in
        let tokens = batch.tokens.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        let ids = batch.ids.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        let windows = batch.windowIndices.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        places.insert([tokens, ids, windows])
      }
    }
    #expect(places.count == 3)
  }

  /// A copy that outlives its turn keeps its contents.
  @Test func copiesAreTheConsumersOwn() throws {
    let stores = try Self.stores()
    let feed = try Feed(
      tokens: stores.tokens(), samples: stores.samples(),
      configuration: Self.configuration(slots: 1))
    let copy = try feed.withNextBatch { batch in copy batch }
    let then = Delivered(copy)
    _ = try feed.take(10)
    #expect(Delivered(copy) == then)
  }

  @Test func aThrowingConsumerLosesItsStepOnly() throws {
    struct Refusal: Error {}
    let stores = try Self.stores()
    let feed = try Feed(
      tokens: stores.tokens(), samples: nil, configuration: Self.configuration(slots: 2))
    for step in 0..<20 {
      if step % 3 == 0 {
        #expect(throws: Refusal.self) { try feed.withNextBatch { _ in throw Refusal() } }
      } else {
        #expect(try feed.take(1).map(\.step) == [step])
      }
    }
  }

  @Test func waitingIsCounted() throws {
    let stores = try Self.stores()
    let feed = try Feed(tokens: stores.tokens(), samples: nil, configuration: Self.configuration())
    #expect(feed.waitSeconds == 0)
    var before = 0.0
    for _ in 0..<20 {
      _ = try feed.take(1)
      #expect(feed.waitSeconds >= before && feed.waitSeconds.isFinite)
      before = feed.waitSeconds
    }
  }

  @Test func takingABatchInsideABatchTraps() async {
    await #expect(processExitsWith: .failure) {
      // An error here would end the process as a failure too: leave with success instead.
      guard let stores = try? FeedTests.stores(), let tokens = try? stores.tokens(),
        let feed = try? Feed(
          tokens: tokens, samples: nil, configuration: FeedTests.configuration())
      else { return }
      try? feed.withNextBatch { _ in try? feed.withNextBatch { _ in } }
    }
  }
}
