import CAllocations
import Foundation
import RefluxPipeline
import RefluxStorage
import RefluxTargets
import Testing

/// Nothing is allocated per batch, in the lanes or by the consumer, counted in processes of their
/// own.
@Suite(.enabled(if: callocations_works())) struct FeedAllocationTests {
  @Test(arguments: Packing.allCases, [0, 1 << 20])
  func aRunningFeedAllocatesNothing(packing: Packing, cacheBytes: Int) async {
    let result = await #expect(
      processExitsWith: .exitCode(7), observing: [\.standardOutputContent]
    ) {
      [packing = packing.rawValue as String, cacheBytes = cacheBytes as Int] in
      let stores = try TestStores(count: 40_000, window: 256, scalars: [.mass, .label])
      let source = FeedSource(
        name: "a", tokens: try stores.tokens(), samples: try stores.samples())
      var configuration = FeedConfiguration(batch: 8, window: 256, lanes: 2, slots: 4)
      configuration.packing = Packing(rawValue: packing) ?? .windows
      (configuration.allowsOtherWindows, configuration.measures) = (true, true)
      (configuration.cacheBytes, configuration.scalars) = (cacheBytes, [.label])
      let feed = try Feed([source], configuration: configuration)
      for _ in 0..<60 { try feed.withNextBatch { _ in } }
      callocations_begin()
      for _ in 0..<60 { try feed.withNextBatch { _ in } }
      let counts = callocations_end()
      withExtendedLifetime(stores) {}
      if counts.own > 0 { print("own: \(counts)\n" + String(cString: callocations_stacks())) }
      exit(7)
    }
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    let found = output.range(of: "own: ").map { String(output[$0.lowerBound...].prefix(2_000)) }
    #expect(found == nil)
  }
}
