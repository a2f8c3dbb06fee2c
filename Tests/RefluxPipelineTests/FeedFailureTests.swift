import Foundation
import RefluxStorage
import Testing

@testable import RefluxPipeline

@Suite struct FeedFailureTests {
  static let window = 64

  static func configuration(lanes: Int = 2, slots: Int = 3, seed: UInt64 = 3) -> FeedConfiguration {
    FeedConfiguration(batch: 2, window: window, seed: seed, lanes: lanes, slots: slots)
  }

  /// Flips one byte in the middle of a file, which is in the middle of a block.
  static func damage(_ path: String) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count / 2] ^= 0x10
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  /// The first step that touches a record for which `isBad` holds.
  static func firstBadStep(
    _ plan: FeedPlan, extra: Int, isBad: (Range<Int>) -> Bool
  ) throws -> Int {
    var windows = [Int](repeating: 0, count: plan.batch)
    let step = (0..<plan.stepsPerEpoch).first { step in
      plan.fill(step: step, windows: &windows)
      return windows.contains { isBad($0 * plan.window..<($0 + 1) * plan.window + extra) }
    }
    return try #require(step)
  }

  /// The steps before the bad one arrive whole, the bad one throws, and goes on throwing.
  static func expectFailure(
    _ stores: TestStores, at step: Int, isExpected: (FeedError) -> Bool
  ) throws {
    for lanes in 1...3 {
      for slots in 1...4 {
        let feed = try Feed(
          tokens: stores.tokens(), samples: stores.samples(),
          configuration: configuration(lanes: lanes, slots: slots))
        for expected in 0..<step {
          try feed.withNextBatch { batch in
            #expect(batch.step == expected)
            let first = batch.windowIndices[0] * window
            #expect(batch.tokens[window - 1] == stores.ids[first + window - 1])
          }
        }
        for _ in 0..<3 {
          let error = #expect(throws: FeedError.self) { try feed.withNextBatch { _ in } }
          #expect(error.map(isExpected) == true, "\(String(describing: error))")
          #expect(feed.nextStep == step)
        }
      }
    }
  }

  @Test func aBadTokenBlockIsReportedAtItsStep() throws {
    let stores = try TestStores(count: 200_000, window: Self.window, sampleCount: 200_000)
    try Self.damage(stores.tokensPath)
    let reader = try stores.tokens().makeReader()
    var scratch = [UInt32](repeating: 0, count: Self.window + 1)
    let plan = try FeedPlan(tokenCount: 200_000, configuration: Self.configuration())
    let step = try Self.firstBadStep(plan, extra: 1) { records in
      var span = scratch.mutableSpan
      do {
        try reader.read(records, into: &span)
        return false
      } catch {
        return true
      }
    }
    #expect(step > 0)
    try Self.expectFailure(stores, at: step) { error in
      if case .tokens(.damaged, step) = error { true } else { false }
    }
  }

  @Test func aBadSampleBlockIsReportedAtItsStep() throws {
    let stores = try TestStores(count: 20_000, window: Self.window)
    try Self.damage(stores.samplesPath)
    let reader = try stores.samples().makeReader()
    let plan = try FeedPlan(tokenCount: 20_000, configuration: Self.configuration())
    let step = try Self.firstBadStep(plan, extra: 0) { records in
      records.contains { (try? reader.record($0)) == nil }
    }
    #expect(step > 0)
    try Self.expectFailure(stores, at: step) { error in
      if case .samples(.damaged, step) = error { true } else { false }
    }
  }

  @Test func storesThatDoNotMatchAreRefused() throws {
    let stores = try TestStores(count: 2_000, window: 64)
    let others = try TestStores(count: 2_000, window: 64, seed: 2)
    let error = #expect(throws: FeedError.self) {
      try Feed(
        tokens: others.tokens(), samples: stores.samples(), configuration: Self.configuration())
    }
    let (made, found) = (try stores.tokens().fingerprint, try others.tokens().fingerprint)
    #expect(error == .mismatch(.tokensDiffer(expected: made, found: found)))
  }

  @Test(arguments: [(32, 32), (128, 128), (64, 32)])
  func samplesOfOtherWindowsAreRefused(context: Int, stride: Int) throws {
    let stores = try TestStores(count: 2_000, window: 64, context: context, stride: stride)
    #expect(throws: FeedError.contextDiffers(contextLength: context, stride: stride, window: 64)) {
      try Feed(
        tokens: stores.tokens(), samples: stores.samples(), configuration: Self.configuration())
    }
  }

  @Test func samplesThatEndEarlyAreRefused() throws {
    // 31 windows of 64 in 2,000 tokens: 1,984 sample sets are enough, one less is not.
    for (count, isEnough) in [(2_000, true), (1_984, true), (1_983, false), (0, false)] {
      let stores = try TestStores(count: 2_000, window: 64, sampleCount: count)
      let make = {
        try Feed(
          tokens: stores.tokens(), samples: stores.samples(), configuration: Self.configuration())
      }
      if isEnough {
        #expect(throws: Never.self) { try make() }
      } else {
        #expect(throws: FeedError.tooFewSamples(found: count, needed: 1_984)) { try make() }
      }
    }
  }

  /// A dropped feed's lanes end, whatever they were doing: the ring goes with the last of them.
  @Test func droppedFeedsEndTheirLanes() throws {
    let stores = try TestStores(count: 3_000, window: 64)
    let (tokens, samples) = (try stores.tokens(), try stores.samples())
    for round in 0..<120 {
      weak var ring: Ring?
      do {
        let feed = try Feed(
          tokens: tokens, samples: samples,
          configuration: Self.configuration(lanes: 1 + round % 4, slots: 1 + round % 5))
        ring = feed.ring
        for _ in 0..<round % 6 { try feed.withNextBatch { _ in } }
      }
      var turns = 0
      while ring != nil, turns < 30_000 {
        turns += 1
        usleep(1_000)
      }
      #expect(ring == nil, "round \(round)")
    }
  }

  @Test func errorsSayWhatToDo() {
    let cases: [(FeedError, String)] = [
      (
        .configuration(field: "lanes", found: 0, expected: 1...64),
        "lanes is 0; give a number in 1...64"
      ),
      (
        .tooFewTokens(found: 10, needed: 129),
        "the store holds 10 tokens, one batch needs 129; "
          + "use a smaller batch or window, or more text"
      ),
      (
        .contextDiffers(contextLength: 256, stride: 256, window: 64),
        "the samples were made over windows of 256 tokens every 256, the batches have windows of "
          + "64; use the samples' window or make them again"
      ),
      (
        .tooFewSamples(found: 1, needed: 64),
        "the samples cover 1 positions, the tokens' windows need 64; "
          + "make the samples again from the whole token store"
      ),
      (.finished(steps: 3), "all 3 steps were delivered; ask for more steps"),
    ]
    for (error, text) in cases { #expect(error.description == text) }
    let damage = FeedError.samples(.outOfRange(first: 1, end: 2, count: 1), step: 7)
    #expect(damage.description.hasPrefix("samples of step 7: records 1..<2"))
  }
}
