import RefluxStorage
import RefluxTargets
import Testing

@testable import RefluxPipeline

/// What evaluations read is what training reads, and the tail besides.
@Suite struct WindowReaderTests {
  private struct Rows: Equatable {
    var tokens: [UInt32] = []
    var labels: [UInt32] = []
    var documents: [UInt32] = []
    var positions: [UInt32] = []
    var weights: [Float] = []
    var sets: [[UInt32: Float]] = []

    init(_ batch: borrowing Batch, rows: Int) {
      for row in 0..<rows {
        tokens.append(batch.tokens[row])
        labels.append(batch.labels[row])
        weights.append(batch.lossWeights.isEmpty ? 1 : batch.lossWeights[row])
        if !batch.documents.isEmpty {
          documents.append(batch.documents[row])
          positions.append(batch.positions[row])
        }
        let set = Int(batch.offsets[row])..<Int(batch.offsets[row + 1])
        sets.append([:])
        for slot in set { sets[row][batch.ids[slot]] = batch.weights[slot] }
      }
    }
  }

  private func stores(
    _ count: Int, window: Int, _ packing: Packing, samples: Int? = nil, first: Int = 0
  ) throws -> TestStores {
    try TestStores(
      count: count, window: window, sampleCount: samples, packing: packing.rawValue,
      firstPosition: first)
  }

  private func configuration(
    _ window: Int, _ packing: Packing, batch: Int = 3
  ) -> FeedConfiguration {
    var configuration = FeedConfiguration(batch: batch, window: window, order: .sequential)
    configuration.packing = packing
    return configuration
  }

  private func reader(
    _ stores: TestStores, _ configuration: FeedConfiguration, hasTail: Bool = true
  ) throws -> WindowReader {
    try WindowReader(
      FeedSource(name: "tokens.rfx", tokens: stores.tokens(), samples: stores.samples()),
      configuration: configuration, hasTail: hasTail)
  }

  /// Documents of 777 tokens: longer than a window, and several in one.
  @Test(arguments: Packing.allCases, [1, 50, 777, 1000])
  func windowsAreThoseOfTheFeed(packing: Packing, window: Int) throws {
    let stores = try stores(2_345, window: window, packing)
    let configuration = configuration(window, packing, batch: 1)
    let feed = try Feed(
      tokens: stores.tokens(), samples: stores.samples(), configuration: configuration)
    for hasTail in [false, true] {
      let reader = try reader(stores, configuration, hasTail: hasTail)
      let extra = hasTail && packing != .bestFit && (2_345 - 1) % window != 0
      #expect(reader.count == feed.plan.windowCount + (extra ? 1 : 0))
    }
    let reader = try reader(stores, configuration)
    var expected: [Int: Rows] = [:]
    for window in 0..<min(feed.plan.windowCount, 60) {
      let rows = try feed.withNextBatch { Rows($0, rows: configuration.window) }
      expected[feed.plan.pieces(of: PlanRow(window: window))[0].records.lowerBound] = rows
    }
    var found = 0
    for window in 0..<reader.count {
      guard let expected = expected[reader.records(of: window)[0]] else { continue }
      let rows = try reader.withBatch(of: window..<window + 1) {
        Rows($0, rows: configuration.window)
      }
      #expect(rows == expected, "window \(window)")
      found += 1
    }
    #expect(found == expected.count && found == min(feed.plan.windowCount, 60))
  }

  /// A part of packed windows is a part of the store, not its longest documents.
  @Test func packedWindowsComeByTheirFirstRecords() throws {
    let stores = try stores(4_000, window: 100, .bestFit)
    let reader = try reader(stores, configuration(100, .bestFit))
    let firsts = (0..<reader.count).map { reader.records(of: $0)[0] }
    #expect(firsts == firsts.sorted() && firsts.count == reader.count && firsts[0] == 0)
    // Documents of 777 tokens are cut into seven pieces of 100 and one of 77.
    #expect((0..<9).contains { reader.records(of: $0).count < 100 })
  }

  /// Every label that may count does, once, and no other.
  @Test(arguments: Packing.allCases, [(2, 16), (32, 16), (33, 16), (900, 7), (1_554, 100)])
  func everyLabelCountsOnce(packing: Packing, size: (count: Int, window: Int)) throws {
    let stores = try stores(size.count, window: size.window, packing)
    let reader = try reader(stores, configuration(size.window, packing))
    var seen = [Int](repeating: 0, count: size.count)
    for first in stride(from: 0, to: reader.count, by: 3) {
      let windows = first..<min(first + 3, reader.count)
      let records = windows.map(reader.records)
      let rows = try reader.withBatch(of: windows) {
        Rows($0, rows: windows.count * size.window)
      }
      for (number, records) in records.enumerated() {
        for place in 0..<size.window {
          let row = number * size.window + place
          guard place < records.count else {
            #expect(rows.weights[row] == 0 && rows.sets[row].isEmpty)
            continue
          }
          let record = records[place]
          #expect(rows.tokens[row] == stores.ids[record])
          if rows.weights[row] == 0 { continue }
          seen[record] += 1
          #expect(rows.labels[row] == stores.ids[record + 1])
        }
      }
    }
    let ends = packing == .windows ? [] : Set(stride(from: 776, to: size.count, by: 777))
    let expected = (0..<size.count).map { $0 == size.count - 1 || ends.contains($0) ? 0 : 1 }
    #expect(seen == expected)
  }

  /// What training refuses is refused here, by the same error.
  @Test func setsOfOtherContextsAreRefused() throws {
    let good = try stores(330, window: 16, .documents)
    let cases: [(TestStores, FeedConfiguration)] = [
      (good, configuration(16, .windows)), (good, configuration(16, .bestFit)),
      (good, configuration(8, .documents)),
      (try stores(330, window: 16, .windows, samples: 160), configuration(16, .windows)),
      (
        try stores(330, window: 16, .windows, samples: 170, first: 160),
        configuration(16, .windows)
      ),
      (try stores(330, window: 16, .bestFit, samples: 320), configuration(16, .bestFit)),
    ]
    for (stores, configuration) in cases {
      let error = #expect(throws: FeedError.self) { try reader(stores, configuration) }
      let other = #expect(throws: FeedError.self) {
        try Feed(tokens: stores.tokens(), samples: stores.samples(), configuration: configuration)
      }
      #expect(try #require(error) == #require(other))
    }
    _ = try reader(good, configuration(16, .documents))
  }

  /// Sets that end with the last whole window, as training needs them: there is no tail.
  @Test func withoutSetsThereIsNoTail() throws {
    let stores = try stores(330, window: 16, .windows, samples: 320)
    #expect(try reader(stores, configuration(16, .windows)).count == 20)
  }

  @Test func oneTokenHasNoLabel() throws {
    let stores = try stores(1, window: 16, .windows)
    let error = #expect(throws: FeedError.self) {
      try reader(stores, configuration(16, .windows))
    }
    #expect(try #require(error) == .tooFewTokens(found: 1, needed: 2))
  }

  /// The records before the first start are the end of a document of an earlier shard.
  @Test func whatStandsBeforeTheFirstStartIsADocument() {
    let pieces = DocumentPieces(documentStarts: [5, 6], tokenCount: 11, window: 3)
    #expect(
      pieces.map(\.records) == [0..<3, 3..<5, 5..<6, 6..<9, 9..<11])
    #expect(pieces.map(\.endsDocument) == [false, true, true, false, true])
    #expect(Array(DocumentPieces(documentStarts: [], tokenCount: 0, window: 3)).isEmpty)
    let packed = PackedWindows(documentStarts: [5, 6], tokenCount: 11, window: 3)
    #expect(packed.tokens == 11)
  }
}
