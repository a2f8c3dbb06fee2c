import RefluxPipeline
import RefluxStorage
import RefluxTargets
import TestSupport
import Testing

/// Numbers of the teacher's whole distribution beside the sets of a batch.
@Suite struct FeedScalarTests {
  /// The sets and scalars of a batch, in plain arrays.
  struct Taken: Equatable {
    var sets: Delivered
    var scalars: [[Float]]

    init(_ batch: borrowing Batch) {
      sets = Delivered(batch)
      scalars = []
      for scalar in TargetScalar.allCases {
        let column = batch.scalars(scalar)
        scalars.append(column.indices.map { column[$0] })
      }
    }
  }

  private func take(
    _ stores: TestStores, _ scalars: [TargetScalar], lanes: Int = 2, slots: Int = 3,
    first: Int = 0, steps: Int
  ) throws -> [Taken] {
    var configuration = FeedTests.configuration(lanes: lanes, slots: slots, firstStep: first)
    configuration.scalars = scalars
    let feed = try Feed(
      tokens: stores.tokens(), samples: stores.samples(), configuration: configuration)
    return try (0..<steps).map { _ in try feed.withNextBatch { Taken($0) } }
  }

  /// Whole blocks decoded into place, parts of blocks, weights and packed ones.
  @Test(arguments: SampleEncoding.allCases, [false, true])
  func batchesHoldTheScalarsAskedFor(encoding: SampleEncoding, weighted: Bool) throws {
    let kept: [TargetScalar] = [.mass, .entropy, .label, .power]
    let stores = try TestStores(
      count: 61 * 32 + 7, window: 32, weighted: weighted, scalars: kept, encoding: encoding)
    let plain = try take(stores, [], steps: 15)
    for asked in [[.label], [.power, .mass], kept] as [[TargetScalar]] {
      for (batch, without) in zip(try take(stores, asked, steps: 15), plain) {
        #expect(batch.sets == without.sets)
        for (scalar, column) in zip(TargetScalar.allCases, batch.scalars) {
          let expected =
            asked.contains(scalar)
            ? batch.sets.windows.flatMap { window in
              (0..<32).map { TestStores.scalar(scalar, window * 32 + $0) }
            } : []
          #expect(column == expected, "\(scalar)")
        }
      }
    }
  }

  /// A window that begins and ends within blocks, and one that is several.
  @Test(arguments: [3, 700]) func windowsOfAnySize(window: Int) throws {
    let stores = try TestStores(count: 3_000, window: window, scalars: [.label])
    var configuration = FeedConfiguration(batch: 2, window: window, order: .sequential)
    configuration.scalars = [.label]
    let feed = try Feed(
      tokens: stores.tokens(), samples: stores.samples(), configuration: configuration)
    for _ in 0..<feed.stepsPerEpoch {
      try feed.withNextBatch { batch in
        let found = Taken(batch)
        let expected = found.sets.windows.flatMap { number in
          (0..<window).map { TestStores.scalar(.label, number * window + $0) }
        }
        #expect(found.scalars[3] == expected)
      }
    }
  }

  @Test func lanesAndResumingChangeNothing() throws {
    let stores = try TestStores(
      count: 61 * 32 + 7, window: 32, scalars: [.logsum, .label], encoding: .packed)
    let all = try take(stores, [.label, .logsum], lanes: 1, steps: 30)
    #expect(try take(stores, [.label, .logsum], lanes: 7, slots: 5, steps: 30) == all)
    for first in [1, 11, 12, 25] {
      #expect(
        try take(stores, [.label, .logsum], lanes: 3, first: first, steps: 4)
          == Array(all[first..<first + 4]))
    }
  }

  /// Filling has 0, also where another window's numbers were in the slot before.
  @Test func fillingHasNothing() throws {
    let stores = try TestStores(count: 3_000, window: 64, packing: "best-fit", scalars: [.label])
    var configuration = FeedConfiguration(batch: 3, window: 64, slots: 1)
    (configuration.packing, configuration.scalars) = (.bestFit, [.label])
    let feed = try Feed(
      tokens: stores.tokens(), samples: stores.samples(), configuration: configuration)
    var filling = 0
    for _ in 0..<3 * feed.stepsPerEpoch {
      try feed.withNextBatch { batch in
        let (scalars, offsets) = (batch.scalars(.label), batch.offsets)
        for place in scalars.indices where offsets[place] == offsets[place + 1] {
          #expect(scalars[place] == 0)
          filling += 1
        }
      }
    }
    #expect(filling > 0)
  }

  @Test func aStoreWithoutTheScalarIsRefused() throws {
    let stores = try TestStores(count: 500, window: 32, scalars: [.mass])
    let (tokens, samples) = (try stores.tokens(), try stores.samples())
    var configuration = FeedConfiguration(batch: 2, window: 32)
    configuration.scalars = [.mass, .label]
    let source = FeedSource(name: "a", tokens: tokens, samples: samples)
    let error = FeedError.missingScalar(.label, of: "a")
    #expect(throws: error) { try Feed([source], configuration: configuration) }
    #expect(throws: error) {
      try WindowReader(source, configuration: configuration, hasTail: false)
    }
    #expect(
      "\(error)" == "the samples do not keep the teacher's probability of the label; "
        + "make them again and record 'label'")
    let bare = FeedSource(name: "b", tokens: tokens)
    #expect(throws: FeedError.missingScalar(.mass, of: "b")) {
      try Feed([bare], configuration: configuration)
    }
  }

  @Test func windowReadersTakeThemToo() throws {
    let stores = try TestStores(count: 500, window: 32, scalars: [.entropy])
    var configuration = FeedConfiguration(batch: 2, window: 32)
    configuration.scalars = [.entropy]
    let source = FeedSource(name: "a", tokens: try stores.tokens(), samples: try stores.samples())
    let reader = try WindowReader(source, configuration: configuration, hasTail: true)
    for window in 0..<reader.count {
      try reader.withBatch(of: window..<window + 1) { batch in
        let column = batch.scalars(.entropy)
        for position in 0..<32 {
          let record = window * 32 + position
          let expected = record < 499 ? TestStores.scalar(.entropy, record) : 0
          #expect(column[position] == expected)
        }
      }
    }
  }

  @Test func memoryCountsThem() throws {
    let stores = try TestStores(count: 500, window: 32, scalars: [.entropy])
    let source = FeedSource(name: "a", tokens: try stores.tokens(), samples: try stores.samples())
    var configuration = FeedConfiguration(batch: 2, window: 32, lanes: 3, slots: 5)
    let plain = Feed.memoryBytes([source], configuration)
    configuration.scalars = [.entropy]
    #expect(Feed.memoryBytes([source], configuration) == plain + 5 * 4 * 64 + 3 * 8 * 32)
  }
}
