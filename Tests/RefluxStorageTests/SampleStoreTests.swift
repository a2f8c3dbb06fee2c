import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

@Suite struct SampleStoreTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("samples.rfx") }

  @Test(
    arguments: [1, 2, 255, 256, 257, 65535, 65536, 65537, 1 << 24], [1, 2, 50, 255, 256, 65536])
  func roundTrip(vocabulary: Int, rounds: Int) throws {
    let count = rounds > 1000 ? 5 : DamageTests.isThorough ? 700 : 70
    let sets = StoreSamples.sets(count, vocabulary: vocabulary, rounds: rounds, seed: 11)
    let summary = try StoreSamples.writeSets(
      path, sets, vocabulary: vocabulary, rounds: rounds)
    let store = try SampleStore(path: path)
    #expect(store.count == count)
    #expect(store.capacity == min(rounds, vocabulary))
    #expect(!store.isWeighted)
    #expect(store.provenance == StoreSamples.provenance(rounds: rounds))
    #expect(store.fingerprint == summary.fingerprint)
    let reader = store.makeReader()
    for (number, row) in try StoreSamples.readAll(store).enumerated() {
      let expected = sets[number]
      #expect(row.ids == expected.ids)
      #expect(row.weights == expected.counts.map { Float($0) / Float(rounds) })
      let record = try reader.record(number)
      #expect(
        record
          == SampleRecord(
            record: number, ids: expected.ids, counts: expected.counts, weights: [],
            rounds: rounds))
    }
    let verification = try StoreVerification.verify(path: path)
    #expect(verification.isValid, "\(verification.failures)")
    #expect(verification.records == count)
  }

  @Test func weightedRoundTrip() throws {
    let writer = try SampleStoreWriter(
      path: path,
      configuration: SampleStoreConfiguration(
        vocabularySize: 100_000, capacity: 12, values: .float32,
        provenance: StoreProvenance(estimator: "topk", rounds: 12)))
    var random = TestRandom(seed: 2)
    var expected: [([UInt32], [Float])] = []
    for _ in 0..<1000 {
      let ids = Set((0..<12).map { _ in UInt32.random(in: 0..<100_000, using: &random) })
      let sorted = ids.sorted().dropLast(Int.random(in: 0...12, using: &random) % ids.count)
      let weights = sorted.map { _ in Float.random(in: 0...1, using: &random) }
      expected.append((Array(sorted), weights))
      let order = sorted.indices.shuffled(using: &random)
      try writer.append(
        ids: order.map { sorted[$0] }, weights: order.map { weights[$0] })
    }
    _ = try writer.seal()
    let store = try SampleStore(path: path)
    #expect(store.isWeighted)
    for (row, wanted) in zip(try StoreSamples.readAll(store), expected) {
      #expect(row.ids == wanted.0)
      #expect(row.weights == wanted.1)
    }
    let record = try store.makeReader().record(999)
    #expect(record.weights == expected[999].1)
    #expect(record.counts == [])
    #expect(try StoreVerification.verify(path: path).isValid)
  }

  @Test func ordersIDsAndRefusesBrokenRecords() throws {
    let writer = try SampleStoreWriter(
      path: path,
      configuration: SampleStoreConfiguration(
        vocabularySize: 10, capacity: 4, values: .counts,
        provenance: StoreProvenance(rounds: 4)))
    try writer.append(ids: [7, 2], counts: [1, 3])
    let broken: [([UInt32], [UInt32], RecordFault)] = [
      ([1, 1], [2, 2], .notAscending(1)), ([10], [4], .id(10, vocabulary: 10)),
      ([1, 2], [2, 1], .sum(3, rounds: 4)), ([1, 2], [4, 0], .zeroCount(id: 2)),
      ([1], [2, 2], .unequal(ids: 1, values: 2)), ([], [], .sum(0, rounds: 4)),
      ([0, 1, 2, 3, 4], [1, 1, 1, 1, 1], .length(5, capacity: 4)),
      ([1, 2], [.max, 5], .sum(UInt64(UInt32.max) + 5, rounds: 4)),
    ]
    for (ids, counts, fault) in broken {
      #expect(throws: StoreError.refused(record: 1, fault)) {
        try writer.append(ids: ids, counts: counts)
      }
    }
    #expect(writer.recordCount == 1)
    _ = try writer.seal()
    let record = try SampleStore(path: path).makeReader().record(0)
    #expect(record.ids == [2, 7])
    #expect(record.counts == [3, 1])
  }

  @Test func refusesBrokenWeights() throws {
    let writer = try SampleStoreWriter(
      path: path,
      configuration: SampleStoreConfiguration(
        vocabularySize: 10, capacity: 20, values: .float32,
        provenance: StoreProvenance(rounds: 4)))
    for weight in [Float.nan, .infinity, -0.5] {
      #expect(throws: StoreError.self) {
        try writer.append(ids: [1], weights: [weight])
      }
    }
    try writer.append(ids: [1], weights: [0])
    let (noIDs, noWeights): ([UInt32], [Float]) = ([], [])
    try writer.append(ids: noIDs, weights: noWeights)
    _ = try writer.seal()
    #expect(try SampleStore(path: path).capacity == 10, "never more slots than ids")
  }

  @Test func refusesACapacityThatCutsDraws() {
    for (capacity, rounds) in [(49, 50), (0, 1), (5, 0)] {
      #expect(throws: StoreError.self) {
        _ = try SampleStoreWriter(
          path: path,
          configuration: SampleStoreConfiguration(
            vocabularySize: 1000, capacity: capacity, values: .counts,
            provenance: StoreProvenance(rounds: rounds)))
      }
    }
  }

  @Test func belongsToItsTokens() throws {
    let tokensPath = folder.file("tokens.rfx")
    let otherPath = folder.file("other.rfx")
    let tokens = try StoreSamples.writeTokens(tokensPath, [[1, 2, 3]], vocabulary: 20)
    _ = try StoreSamples.writeTokens(otherPath, [[1, 2, 4]], vocabulary: 20)
    let sets = StoreSamples.sets(4, vocabulary: 20, rounds: 5, seed: 1)
    _ = try StoreSamples.writeSets(
      path, Array(sets[..<3]), vocabulary: 20, rounds: 5, tokens: tokens.fingerprint)
    let samples = try SampleStore(path: path)
    try samples.check(against: try TokenStore(path: tokensPath))
    let other = try TokenStore(path: otherPath)
    let expected = StoreError.tokensDiffer(
      expected: tokens.fingerprint, found: other.fingerprint)
    #expect(throws: expected) { try samples.check(against: other) }
    let message = "\(expected)"
    #expect(message.contains(hex(tokens.fingerprint)) && message.contains(hex(other.fingerprint)))
    let verification = try StoreVerification.verify(path: path, against: other)
    #expect(verification.failures.map(\.message) == [message])
    #expect(try StoreVerification.verify(path: path, against: TokenStore(path: tokensPath)).isValid)

    _ = try StoreSamples.writeSets(
      path, sets, vocabulary: 20, rounds: 5, tokens: tokens.fingerprint)
    #expect(throws: StoreError.moreSamplesThanTokens(samples: 4, tokens: 3)) {
      try SampleStore(path: path).check(against: TokenStore(path: tokensPath))
    }
    _ = try StoreSamples.writeSets(
      path, StoreSamples.sets(1, vocabulary: 19, rounds: 5, seed: 1), vocabulary: 19, rounds: 5,
      tokens: tokens.fingerprint)
    #expect(throws: StoreError.vocabulariesDiffer(samples: 19, tokens: 20)) {
      try SampleStore(path: path).check(against: TokenStore(path: tokensPath))
    }
  }

  private func hex(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  @Test func kindsAreNotMixedUp() throws {
    _ = try StoreSamples.writeTokens(path, [[1]], vocabulary: 20)
    #expect(throws: StoreError.wrongKind(expected: .samples, found: .tokens)) {
      _ = try SampleStore(path: path)
    }
  }
}
