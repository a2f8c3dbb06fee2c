import RefluxStorage
import RefluxTargets
import TestSupport
import Testing

@testable import RefluxPipeline

/// Weights of tokens in a feed: what positions count, and which windows come.
@Suite struct FeedWeightTests {
  let stores: TestStores
  private let window = 16

  init() throws { stores = try TestStores(count: 3_000, window: 16) }

  private func weights(_ values: [Float]) throws -> TokenWeights {
    let (path, tokens) = (stores.folder.file("weights.rfx"), try stores.tokens())
    let writer = try TokenWeightWriter(path: path, for: stores.samples().header, notes: [:])
    for value in values { try writer.append(value, count: 1) }
    _ = try writer.seal()
    let weights = try TokenWeights(path: path)
    try weights.check(against: tokens)
    return weights
  }

  private func source(_ values: [Float], samples: Bool = false) throws -> FeedSource {
    var source = FeedSource(
      name: "tokens", tokens: try stores.tokens(), samples: samples ? try stores.samples() : nil,
      weights: try weights(values))
    source.tokenWeight = 2
    return source
  }

  private func configuration(_ packing: Packing = .windows, batch: Int = 4) -> FeedConfiguration {
    var configuration = FeedConfiguration(batch: batch, window: window, seed: 3)
    (configuration.packing, configuration.remainder) = (packing, .carried)
    configuration.allowsOtherWindows = true
    return configuration
  }

  /// Weights of 0 to 2, and none in two windows of three.
  private func pattern(_ record: Int) -> Float {
    record / window % 3 == 1 ? Float(record % 5) / 2 : 0
  }

  @Test(arguments: [Packing.windows, .documents])
  func positionsCountWhatTheirTokensWeigh(packing: Packing) throws {
    let source = try source((0..<3_000).map(pattern), samples: true)
    let feed = try Feed([source], configuration: configuration(packing))
    let kept = (0..<187).filter { $0 % 3 == 1 }
    #expect(feed.plan.windowCounts == [kept.count])
    var seen: [Int] = []
    for _ in 0..<feed.plan.stepsPerEpoch {
      try feed.withNextBatch { batch in
        for row in 0..<4 {
          let number = batch.windowIndices[row]
          seen.append(number)
          for place in 0..<window {
            let (record, element) = (number * window + place, row * window + place)
            #expect(batch.tokens[element] == stores.ids[record])
            let isLast = packing == .documents && (record + 1) % 777 == 0
            #expect(batch.lossWeights[element] == (isLast ? 0 : 2 * pattern(record)))
          }
        }
      }
    }
    #expect(Set(seen).isSubset(of: kept) && Set(seen).count == seen.count)
  }

  @Test func packedDocumentsKeepTheirWeights() throws {
    let values = (0..<3_000).map { $0 < 777 ? Float(0) : Float($0 % 7) }
    let feed = try Feed([source(values)], configuration: configuration(.bestFit, batch: 2))
    let all = try FeedPlan(
      [SourceShape(stores.tokens(), name: "", window: window, packing: .bestFit)], weights: [1],
      configuration: configuration(.bestFit, batch: 2))
    #expect(feed.plan.windowCount < all.windowCount)
    for _ in 0..<feed.plan.stepsPerEpoch {
      try feed.withNextBatch { batch in
        for row in 0..<2 {
          for piece in feed.plan.pieces(of: batch.rows[row]) {
            for (index, record) in piece.records.enumerated() {
              let element = row * window + piece.position + index
              let isLast = piece.endsDocument && record == piece.records.upperBound - 1
              #expect(batch.lossWeights[element] == (isLast ? 0 : 2 * values[record]))
            }
          }
        }
      }
    }
  }

  /// The plan's hash names the windows that are left; without weights it is what it was.
  @Test func plansDiffer() throws {
    func plan(_ values: [Float]?) throws -> FeedPlan {
      var tokens = FeedSource(name: "tokens", tokens: try stores.tokens())
      if let values { tokens = try source(values) }
      return try FeedSource.plan([tokens], configuration())
    }
    let (one, other) = (try plan((0..<3_000).map(pattern)), try plan((0..<3_000).map { _ in 1 }))
    #expect(one.fingerprint != other.fingerprint && other.windowCount == 187)
    #expect(try plan(nil).fingerprint != other.fingerprint)
    var shape = one.sources[0]
    #expect((0..<3).map { shape.window($0) } == [1, 4, 7])
    try shape.keepWindows(of: weights((0..<3_000).map { $0 == 2_990 ? 1 : 0 }), window: window)
    #expect(shape.window(0) == 186)
  }

  @Test func tooFewWindowsAreRefused() throws {
    let values = (0..<3_000).map { Float($0 == 100 || $0 == 2_000 ? 1 : 0) }
    var dropped = configuration()
    dropped.remainder = .dropped
    #expect(throws: FeedError.tooFewWeighted(found: 2, needed: 4)) {
      try Feed([source(values)], configuration: dropped)
    }
    #expect(throws: FeedError.tooFewWeighted(found: 0, needed: 1)) {
      try Feed([source([])], configuration: configuration())
    }
  }

  /// Weights are no sample sets.
  @Test func weightsAreNotTakenForSamples() throws {
    _ = try weights((0..<3_000).map { _ in 1 })
    let samples = try SampleStore(path: stores.folder.file("weights.rfx"))
    let source = FeedSource(name: "tokens", tokens: try stores.tokens(), samples: samples)
    let error = StoreError.otherValues(found: "weights of tokens", expected: "sample sets")
    #expect(throws: FeedError.mismatch(error)) {
      try Feed([source], configuration: configuration())
    }
  }
}
