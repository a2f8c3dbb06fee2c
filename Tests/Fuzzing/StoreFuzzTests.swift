import Foundation
import TestSupport
import Testing

/// A short seeded run in every test run; `REFLUX_FUZZ_RUNS=1000000` makes it long, and
/// `REFLUX_FUZZ_SEED` moves it elsewhere.
@Suite(.serialized) struct StoreFuzzTests {
  static let environment = ProcessInfo.processInfo.environment
  static let runs = environment["REFLUX_FUZZ_RUNS"].flatMap { Int($0) } ?? 4000
  static let seed = environment["REFLUX_FUZZ_SEED"].flatMap { UInt64($0) } ?? 2026

  static func seeds(in kinds: [String] = ["valid", "invalid"]) throws -> [[UInt8]] {
    let folder = RepositoryFolder.file("Formats/Store/golden")
    return try kinds.flatMap { kind in
      let path = folder + "/" + kind
      let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
      return try names.filter { $0.hasSuffix(".rfx") }.map {
        try [UInt8](Data(contentsOf: URL(fileURLWithPath: path + "/" + $0)))
      }
    }
  }

  /// Damage without mended checksums never gives other content.
  @Test func blindDamage() throws {
    let folder = TemporaryFolder(isSmall: true)
    let seeds = try Self.seeds()
    let truths = try seeds.map { try StoreFuzz.run($0, in: folder) }
    var random = TestRandom(seed: Self.seed)
    for run in 0..<Self.runs {
      let pick = Int.random(in: 0..<seeds.count, using: &random)
      let bytes = StoreMutation.mutate(seeds[pick], using: &random)
      let outcome = try StoreFuzz.run(bytes, in: folder)
      #expect(!outcome.isValid || bytes == seeds[pick], "run \(run)")
      #expect(outcome.content == nil || outcome.content == truths[pick].content, "run \(run)")
    }
  }

  @Test func mendingAValidStoreChangesNothing() throws {
    for seed in try Self.seeds(in: ["valid"]) { #expect(StoreMutation.mend(seed) == seed) }
  }

  /// With mended checksums anything may come out but a crash, a hang or a number out of its range.
  @Test func mendedDamage() throws {
    let folder = TemporaryFolder(isSmall: true)
    let seeds = try Self.seeds(in: ["valid"])
    var random = TestRandom(seed: Self.seed + 1)
    var valid = 0
    for _ in 0..<Self.runs {
      let pick = Int.random(in: 0..<seeds.count, using: &random)
      let bytes = StoreMutation.mend(StoreMutation.mutate(seeds[pick], using: &random))
      if try StoreFuzz.run(bytes, in: folder).isValid { valid += 1 }
    }
    #expect(valid > 0, "mending must get some files through")
  }

  /// Writers do what bytes command, and what they wrote comes back.
  @Test func commandedWriters() throws {
    let folder = TemporaryFolder(isSmall: true)
    var random = TestRandom(seed: Self.seed + 3)
    for _ in 0..<Self.runs / 32 {
      try WriterFuzz.run(
        random.bytes(Int.random(in: 0...1500, using: &random)), in: folder)
    }
  }

  @Test func noise() throws {
    let folder = TemporaryFolder(isSmall: true)
    var random = TestRandom(seed: Self.seed + 2)
    for _ in 0..<Self.runs / 10 {
      let bytes = random.bytes(Int.random(in: 0...2000, using: &random))
      #expect(try !StoreFuzz.run(bytes, in: folder).isValid)
    }
  }
}
