import Foundation
import RefluxFiles
import RefluxJSON
import RefluxStorage
import Testing

@testable import RefluxPipeline

/// Bad blocks, files that change, and what a feed says of itself.
@Suite struct FeedDamageTests {
  static let window = 64

  static func configuration(_ policy: FeedConfiguration.DamagePolicy) -> FeedConfiguration {
    var configuration = FeedFailureTests.configuration()
    (configuration.batch, configuration.onDamage) = (4, policy)
    return configuration
  }

  /// Rows of damaged windows hold another window of the batch, weigh nothing and are counted; all
  /// others are as they were.
  @Test(arguments: [1, 3]) func damagedWindowsAreSkippedAndCounted(lanes: Int) throws {
    let stores = try TestStores(count: 20_000, window: Self.window)
    func source() throws -> FeedSource {
      FeedSource(name: "a", tokens: try stores.tokens(), samples: try stores.samples())
    }
    var configuration = Self.configuration(.skip)
    configuration.lanes = lanes
    let whole = try Feed([source()], configuration: configuration)
    let expected = try whole.take(whole.stepsPerEpoch)
    try FeedFailureTests.damage(stores.samplesPath)
    let feed = try Feed([source()], configuration: configuration)
    var skipped = 0
    for good in expected {
      try feed.withNextBatch { batch in
        let found = Delivered(batch)
        skipped += batch.skippedRows
        for row in 0..<4 {
          let place = row * Self.window
          let tokens = Array(found.tokens[place..<place + Self.window])
          if batch.rowWeights[row] > 0 {
            #expect(tokens == Array(good.tokens[place..<place + Self.window]))
          } else {
            let others = (0..<4).map {
              Array(good.tokens[$0 * Self.window..<($0 + 1) * Self.window])
            }
            #expect(others.contains(tokens))
          }
          let range = Int(batch.offsets[place])..<Int(batch.offsets[place + Self.window])
          #expect(range.count >= Self.window)
        }
        #expect(found.offsets == found.offsets.sorted())
      }
    }
    #expect(skipped > 0 && feed.skippedWindows == skipped)
    guard case .samples(.damaged(.block, _, _), _)? = feed.lastSkippedFault else {
      Issue.record("\(String(describing: feed.lastSkippedFault))")
      return
    }
  }

  /// A name in front, where there is more than one store.
  @Test func errorsNameTheStore() throws {
    let stores = try (0..<2).map { try TestStores(count: 20_000, window: 64, seed: UInt64($0)) }
    defer { withExtendedLifetime(stores) {} }
    try FeedFailureTests.damage(stores[1].samplesPath)
    let sources = try stores.enumerated().map { number, stores in
      FeedSource(
        name: "\(number).rfx", tokens: try stores.tokens(), samples: try stores.samples())
    }
    let feed = try Feed(sources, configuration: Self.configuration(.stop))
    do {
      while true { try feed.withNextBatch { _ in } }
    } catch FeedError.blended(let name, .samples(.damaged(.block, _, _), step: let step)) {
      #expect(name == "1.rfx" && step == feed.nextStep)
    }
  }

  // MARK: Files that change

  private func failure(
    _ policy: FeedConfiguration.DamagePolicy, _ change: (String) throws -> Void
  ) throws -> FeedError? {
    let stores = try TestStores(count: 200_000, window: 64, sampleCount: 200_000)
    var configuration = Self.configuration(policy)
    (configuration.slots, configuration.lanes) = (1, 1)
    let feed = try Feed(
      tokens: stores.tokens(), samples: stores.samples(), configuration: configuration)
    try feed.withNextBatch { _ in }
    try change(stores.tokensPath)
    do {
      // The lane may be a step ahead already.
      for _ in 0..<3 { try feed.withNextBatch { _ in } }
    } catch let error as FeedError {
      return error
    }
    return nil
  }

  private static func fileError(_ error: FeedError?) -> FileError? {
    if case .tokens(.file(let error), _)? = error { error } else { nil }
  }

  @Test(arguments: FeedConfiguration.DamagePolicy.allCases)
  func aStoreThatChangesEndsTheFeed(policy: FeedConfiguration.DamagePolicy) throws {
    let touched = try failure(policy) { path in
      // The same bytes again, as a copy over it would: what follows cannot be trusted.
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      try file.write(contentsOf: Data([0x89]))
      try file.close()
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 5)], ofItemAtPath: path)
    }
    #expect(Self.fileError(touched) == .changed)
    let replaced = try failure(policy) { path in
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      try bytes.write(to: URL(fileURLWithPath: path + ".new"))
      _ = rename(path + ".new", path)
    }
    #expect(Self.fileError(replaced) == .changed)
    let gone = try failure(policy) { try FileManager.default.removeItem(atPath: $0) }
    #expect(Self.fileError(gone) == .gone)
    let cut = try failure(policy) { path in
      let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      try file.truncate(atOffset: 100)
      try file.close()
    }
    #expect(cut != nil)
  }

  // MARK: State

  @Test func theStateIsPrintable() throws {
    let stores = try TestStores(count: 20_000, window: 64)
    let feed = try Feed(
      tokens: stores.tokens(), samples: nil, configuration: Self.configuration(.stop))
    for _ in 0..<3 { try feed.withNextBatch { _ in } }
    let state = feed.state
    #expect(state.position == feed.position && state.position.step == 3)
    #expect(state.lanes.count == 2 && state.slots == 3 && state.skippedWindows == 0)
    let lanes = state.json["lanes"]?.arrayValue ?? []
    #expect(lanes.count == 2 && lanes[0].objectValue?["activity"]?.stringValue != nil)
    #expect(state.json["step"]?.integerValue == 3)
  }

  /// A ring that no lane fills: the consumer is told, again and again, until it gives up.
  @Test func aStallIsReported() {
    let ring = Ring(slots: 2, firstStep: 0)
    var reports = 0
    #expect(throws: FeedError.cancelled) {
      try ring.waitForNext(seconds: 0.001) {
        reports += 1
        if reports == 3 { ring.cancel() }
      }
    }
    #expect(reports == 3)
  }

  @Test func aCancelledFeedEnds() throws {
    let stores = try TestStores(count: 20_000, window: 64)
    let feed = try Feed(
      tokens: stores.tokens(), samples: stores.samples(), configuration: Self.configuration(.stop))
    try feed.withNextBatch { _ in }
    feed.canceller.cancel()
    var delivered = 0
    #expect(throws: FeedError.cancelled) {
      while true {
        try feed.withNextBatch { _ in }
        delivered += 1
      }
    }
    #expect(delivered <= 4)
  }

  @Test func timesAreTakenWhenAskedFor() throws {
    let stores = try TestStores(count: 20_000, window: 64)
    var configuration = Self.configuration(.stop)
    let plain = try Feed(
      tokens: stores.tokens(), samples: stores.samples(), configuration: configuration)
    #expect(plain.statistics == nil)
    configuration.measures = true
    let feed = try Feed(
      tokens: stores.tokens(), samples: stores.samples(), configuration: configuration)
    for _ in 0..<10 { try feed.withNextBatch { _ in } }
    let statistics = try #require(feed.statistics)
    for stage in FeedStage.allCases {
      #expect(statistics[stage].count == 10)
      #expect(statistics.json[stage.rawValue] != nil)
    }
    for stage in [FeedStage.read, .decompress, .gather] {
      #expect(statistics[stage].nanoseconds > 0, "\(stage)")
    }
    var histogram = StageHistogram()
    for value in [0, 1, 2, 3, 1_000, 1 << 60] as [UInt64] { histogram.add(nanoseconds: value) }
    #expect(histogram.counts[0] == 2 && histogram.counts[1] == 2 && histogram.counts[9] == 1)
    #expect(histogram.counts[47] == 1 && histogram.count == 6)
    #expect(histogram.quantile(0.5) == 4 && histogram.quantile(0) == 2)
  }

  /// A cache changes nothing but the speed.
  @Test func cachesChangeNothing() throws {
    let stores = try TestStores(count: 20_000, window: 64)
    var reference: [Delivered] = []
    for bytes in [0, 100_000, 1 << 24] {
      for order in [FeedConfiguration.Order.shuffled, .local] {
        var configuration = Self.configuration(.stop)
        (configuration.cacheBytes, configuration.order) = (bytes, order)
        let feed = try Feed(
          tokens: stores.tokens(), samples: stores.samples(), configuration: configuration)
        let delivered = try feed.take(100)
        if order == .local { continue }
        if reference.isEmpty { reference = delivered }
        #expect(delivered == reference)
      }
    }
  }
}
