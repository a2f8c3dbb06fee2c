import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// Verification on several threads, and against the tokens.
@Suite struct VerificationTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("v.rfx") }

  private func outcomes(_ against: TokenStore? = nil) throws -> [StoreVerification] {
    try [1, 2, 3, 8].map { jobs in
      try StoreVerification.verify(path: path, against: against, jobs: jobs)
    }
  }

  @Test(arguments: [SampleEncoding.plain, .packed])
  func theNumberOfJobsChangesNothing(encoding: SampleEncoding) throws {
    let sets = StoreSamples.sets(4000, vocabulary: 3000, rounds: 20, seed: 2)
    let summary = try StoreSamples.writeSets(
      path, sets, vocabulary: 3000, rounds: 20, encoding: encoding, perBlock: 8)
    #expect(summary.blocks == 500)
    for outcome in try outcomes() {
      #expect(outcome.isValid && outcome.blocks == 500 && outcome.records == 4000)
    }
    var forge = StoreForge(try FileSystem.readFile(path: path))
    let bad = [0, 3, 63, 64, 200, 201, 320, 499]
    for block in bad { forge.bytes[forge.payload(block) + 5] ^= 16 }
    try folder.write(forge.bytes, to: "v.rfx")
    let found = try outcomes()
    for outcome in found {
      #expect(outcome.failures.map(\.block) == bad)
      #expect(outcome.failures == found[0].failures)
      #expect(outcome.blocks == 500 && outcome.records == 4000 - 8 * bad.count)
    }
  }

  @Test func progressReachesTheEnd() throws {
    let ids = StoreSamples.ids(2000, vocabulary: 300, seed: 2)
    _ = try StoreSamples.writeTokens(path, [ids], vocabulary: 300, perBlock: 4)
    for jobs in [1, 3] {
      nonisolated(unsafe) var seen: [Int] = []
      _ = try StoreVerification.verify(path: path, jobs: jobs) { done, total in
        seen.append(done)
        #expect(total == 500)
      }
      #expect(seen.last == 500 && seen == seen.sorted())
    }
  }

  /// Sets that were made from other tokens than the header says are found block by block.
  @Test(arguments: [SampleEncoding.plain, .packed])
  func blocksOfOtherTokens(encoding: SampleEncoding) throws {
    let tokensPath = folder.file("t.rfx")
    let ids = StoreSamples.ids(400, vocabulary: 300, seed: 5)
    let tokens = try StoreSamples.writeTokens(tokensPath, [ids], vocabulary: 300)
    let store = try TokenStore(path: tokensPath)
    let sets = StoreSamples.sets(400, vocabulary: 300, rounds: 6, seed: 1)
    for (wrong, withheld) in [(-1, -1), (-1, 100), (250, 100), (399, -1)] {
      let writer = try SampleStoreWriter(
        path: path,
        configuration: StoreSamples.configuration(
          vocabulary: 300, rounds: 6, encoding: encoding, tokens: tokens.fingerprint,
          perBlock: 40))
      for (record, set) in sets.enumerated() {
        let token = record == wrong ? (ids[record] + 1) % 300 : ids[record]
        try writer.append(
          ids: set.ids, counts: set.counts, token: record == withheld ? nil : token)
      }
      _ = try writer.seal()
      #expect(try StoreVerification.verify(path: path).isValid, "alone nothing is wrong with it")
      for outcome in try outcomes(store) {
        #expect(outcome.failures.map(\.block) == (wrong < 0 ? [] : [wrong / 40]))
        #expect(
          outcome.failures.allSatisfy { $0.message.hasPrefix("its sets belong to other tokens") })
      }
      let forge = StoreForge(try FileSystem.readFile(path: path))
      let sums = (0..<10).map { forge.number(at: forge.blockOffset($0) + 32, width: 8) }
      for (block, sum) in sums.enumerated() {
        let range = block * 40..<(block + 1) * 40
        let right = TokenStoreTests.fingerprint(Array(ids[range]), from: range.lowerBound)
        let isKnown = block != withheld / 40 || withheld < 0
        #expect((sum == right) == (isKnown && wrong / 40 != block || isKnown && wrong < 0))
        #expect(isKnown || sum == 0)
      }
    }
  }

  /// The sum of a token store's blocks is its fingerprint, and that of its samples' blocks too.
  @Test func sumsAddUp() throws {
    let ids = StoreSamples.ids(100, vocabulary: 300, seed: 5)
    let parts = [0..<33, 33..<34, 34..<100].map {
      TokenHash.sum(Array(ids[$0]).span, position: $0.lowerBound)
    }
    #expect(parts.reduce(0, &+) == TokenStoreTests.fingerprint(ids))
    let ones = ids.enumerated().map { TokenHash.of($1, position: $0) }
    #expect(ones.reduce(0, &+) == TokenStoreTests.fingerprint(ids))
  }
}
