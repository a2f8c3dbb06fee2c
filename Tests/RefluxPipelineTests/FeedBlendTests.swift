import RefluxPipeline
import RefluxStorage
import RefluxTargets
import Testing

/// Feeds of several stores, ranks and packings, against the stores themselves.
@Suite struct FeedBlendTests {
  static let window = 32

  static func sources(_ stores: [TestStores]) throws -> [FeedSource] {
    try stores.enumerated().map { number, stores in
      FeedSource(
        name: "store \(number)", tokens: try stores.tokens(), samples: try stores.samples(),
        weight: 1 + 2 * number, tokenWeight: Float(1 + number),
        alpha: number == 0 ? 0.25 : nil)
    }
  }

  static func configuration(batch: Int = 5, packing: Packing = .windows) -> FeedConfiguration {
    var configuration = FeedConfiguration(batch: batch, window: window, seed: 4)
    configuration.packing = packing
    configuration.allowsOtherWindows = packing != .windows
    return configuration
  }

  @Test func rowsAreTheStoresWindows() throws {
    let stores = try [700, 1_500].map { try TestStores(count: $0, window: 32, seed: UInt64($0)) }
    defer { withExtendedLifetime(stores) {} }
    let feed = try Feed(Self.sources(stores), configuration: Self.configuration())
    var counts = [0, 0]
    for _ in 0..<60 {
      try feed.withNextBatch { batch in
        for row in 0..<5 {
          let made = batch.rows[row]
          counts[made.source] += 1
          #expect(batch.rowWeights[row] == Float(1 + made.source))
          #expect(made.source == 0 ? batch.alphas[row] == 0.25 : batch.alphas[row].isNaN)
          for position in 0..<32 {
            let (record, index) = (made.window * 32 + position, row * 32 + position)
            #expect(batch.tokens[index] == stores[made.source].ids[record])
            #expect(batch.labels[index] == stores[made.source].ids[record + 1])
            let set = TestStores.set(record)
            let range = Int(batch.offsets[index])..<Int(batch.offsets[index + 1])
            let ids = range.map { batch.ids[$0] }
            #expect(ids == set.ids)
          }
        }
      }
    }
    #expect(counts == [75, 225])
  }

  /// Ranks share a step without gap or overlap, and a run goes on with another number of them.
  @Test func ranksShareOneOrder() throws {
    let stores = try [700, 1_500].map { try TestStores(count: $0, window: 32, seed: UInt64($0)) }
    defer { withExtendedLifetime(stores) {} }
    let sources = try Self.sources(stores)
    func rows(ranks: Int, rank: Int, _ position: FeedPosition?) throws -> ([PlanRow], FeedPosition)
    {
      var configuration = Self.configuration(batch: 12 / ranks)
      (configuration.ranks, configuration.rank) = (ranks, rank)
      configuration.position = position
      configuration.lanes = 1 + rank
      let feed = try Feed(sources, configuration: configuration)
      var rows: [PlanRow] = []
      for _ in 0..<10 {
        try feed.withNextBatch { batch in
          for row in batch.rows.indices { rows.append(batch.rows[row]) }
        }
      }
      return (rows, feed.position)
    }
    var (alone, position): ([[PlanRow]], FeedPosition?) = ([], nil)
    for _ in 0..<3 {
      let (made, next) = try rows(ranks: 1, rank: 0, position)
      alone.append(made)
      position = next
    }
    position = nil
    for (turn, ranks) in [4, 3, 6].enumerated() {
      var shared = Array(repeating: PlanRow(source: -1), count: 120)
      var after: FeedPosition?
      for rank in 0..<ranks {
        let (made, next) = try rows(ranks: ranks, rank: rank, position)
        let batch = 12 / ranks
        for (index, row) in made.enumerated() {
          shared[index / batch * 12 + index % batch * ranks + rank] = row
        }
        #expect(after == nil || after == next)
        after = next
      }
      #expect(shared == alone[turn])
      position = after
    }
  }

  // MARK: Documents

  /// Documents of `TestStores` are 777 tokens long.
  private static func isStart(_ record: Int) -> Bool { record % 777 == 0 }

  @Test func documentsAreMarked() throws {
    let stores = try TestStores(count: 5_000, window: 32)
    let feed = try Feed(
      [FeedSource(name: "a", tokens: stores.tokens(), samples: stores.samples())],
      configuration: Self.configuration(packing: .documents))
    for _ in 0..<60 {
      try feed.withNextBatch { batch in
        for row in 0..<5 {
          var (position, document) = (UInt32(0), UInt32(0))
          for index in 0..<32 {
            let (record, place) = (batch.windowIndices[row] * 32 + index, row * 32 + index)
            if index > 0, Self.isStart(record) { (position, document) = (0, document + 1) }
            #expect(batch.positions[place] == position && batch.documents[place] == document)
            #expect(batch.lossWeights[place] == (Self.isStart(record + 1) ? 0 : 1))
            position += 1
          }
        }
      }
    }
  }

  @Test(arguments: [100, 777, 1_000])
  func packedDocumentsHoldEveryTokenOnce(window: Int) throws {
    let stores = try TestStores(count: 777 * 9 + 50, window: 32)
    var configuration = Self.configuration(batch: 2, packing: .bestFit)
    (configuration.window, configuration.remainder) = (window, .carried)
    let feed = try Feed(
      [FeedSource(name: "a", tokens: stores.tokens(), samples: stores.samples())],
      configuration: configuration)
    var seen = [Int](repeating: 0, count: stores.ids.count)
    for step in 0..<(feed.plan.windowCount + 1) / 2 {
      try feed.withNextBatch { batch in
        for row in 0..<2 where 2 * step + row < feed.plan.windowCount {
          var filled = 0
          for (number, piece) in feed.plan.pieces(of: batch.rows[row]).enumerated() {
            for (offset, record) in piece.records.enumerated() {
              let place = row * window + piece.position + offset
              seen[record] += 1
              #expect(batch.tokens[place] == stores.ids[record])
              #expect(batch.positions[place] == UInt32(offset))
              #expect(batch.documents[place] == UInt32(number))
              let isLast = Self.isStart(record + 1) || record + 1 == stores.ids.count
              #expect(batch.lossWeights[place] == (isLast ? 0 : 1))
              if !isLast { #expect(batch.labels[place] == stores.ids[record + 1]) }
              let set = Int(batch.offsets[place])..<Int(batch.offsets[place + 1])
              #expect(set.count == TestStores.set(record).ids.count)
            }
            filled = piece.position + piece.records.count
          }
          for place in row * window + filled..<(row + 1) * window {
            #expect(batch.tokens[place] == 0 && batch.lossWeights[place] == 0)
            #expect(batch.offsets[place] == batch.offsets[place + 1])
          }
        }
      }
    }
    #expect(seen.allSatisfy { $0 == 1 })
  }

  @Test func otherPackingThanTheTeachersIsRefused() throws {
    let stores = try TestStores(count: 2_000, window: 32)
    for packing in [Packing.documents, .bestFit] {
      var configuration = Self.configuration(packing: packing)
      configuration.allowsOtherWindows = false
      #expect(throws: FeedError.packingDiffers(found: "windows", expected: packing)) {
        try Feed(
          tokens: stores.tokens(), samples: stores.samples(), configuration: configuration)
      }
    }
  }

  @Test func storesThatDoNotGoTogetherAreRefused() throws {
    let stores = try TestStores(count: 2_000, window: 32)
    let (tokens, samples) = (try stores.tokens(), try stores.samples())
    let both = FeedSource(name: "both", tokens: tokens, samples: samples)
    #expect(throws: FeedError.blended("tokens", .missingSamples(of: "tokens"))) {
      try Feed(
        [both, FeedSource(name: "tokens", tokens: tokens)], configuration: Self.configuration())
    }
  }
}
