import Foundation
import RefluxPipeline
import RefluxStorage
import Testing

/// The stated ceiling of memory, against the system's own account.
@Suite struct FeedMemoryTests {
  /// Bytes of this process's own memory, without mapped files; nil where the system does not say.
  static var ownBytes: Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
      return nil
    }
    let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
    let words = line?.split { $0 == " " || $0 == "\t" } ?? []
    return words.count > 1 ? Int(words[1]).map { $0 * 1024 } : nil
  }

  /// A process of its own, as memory that others freed would be used again without any growth.
  @Test(arguments: [0, 4 << 20]) func theCeilingIsKept(cacheBytes: Int) async {
    await #expect(processExitsWith: .exitCode(7)) { [cacheBytes = cacheBytes as Int] in
      let stores = try TestStores(count: 60_000, window: 512)
      let source = FeedSource(
        name: "a", tokens: try stores.tokens(), samples: try stores.samples())
      var configuration = FeedConfiguration(batch: 8, window: 512, lanes: 3, slots: 6)
      configuration.cacheBytes = cacheBytes
      guard let before = FeedMemoryTests.ownBytes else { exit(7) }
      let feed = try Feed([source], configuration: configuration)
      for _ in 0..<40 { try feed.withNextBatch { _ in } }
      let early = FeedMemoryTests.ownBytes ?? 0
      for _ in 0..<400 { try feed.withNextBatch { _ in } }
      let late = FeedMemoryTests.ownBytes ?? 0
      let ceiling = Feed.memoryBytes([source], configuration)
      // Stacks of threads and the allocator's own pages come on top.
      let slack = 2 << 20
      withExtendedLifetime(stores) {}
      if late - before <= ceiling + slack, late - early <= cacheBytes + slack / 2 { exit(7) }
      print("grew by \(late - before), of it late \(late - early); stated \(ceiling)")
    }
  }
}
