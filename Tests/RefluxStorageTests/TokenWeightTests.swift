import RefluxFiles
import TestSupport
import Testing

@testable import RefluxStorage

/// Weights of tokens: a sample store that says what it is.
@Suite struct TokenWeightTests {
  let folder = TemporaryFolder()

  private func tokens(_ name: String = "tokens.rfx", count: Int = 20_000) throws -> TokenStore {
    let path = folder.file(name)
    let writer = try TokenStoreWriter(
      path: path, configuration: TokenStoreConfiguration(vocabularySize: 50_000))
    let ids = (0..<count).map { UInt32($0 * 7 % 50_000) }
    try writer.append(document: ids.span)
    _ = try writer.seal()
    return try TokenStore(path: path)
  }

  private func weights(_ runs: [(Float, Int)], tokens: TokenStore) throws -> TokenWeights {
    let path = folder.file("weights.rfx")
    var header = tokens.header
    header.provenance.tokensHash = tokens.fingerprint
    let writer = try TokenWeightWriter(path: path, for: header, notes: ["by": "entropy"])
    for (weight, count) in runs { try writer.append(weight, count: count) }
    _ = try writer.seal()
    return try TokenWeights(path: path)
  }

  @Test func readsWhatWasWritten() throws {
    let tokens = try tokens()
    let runs: [(Float, Int)] = [(0, 5_000), (1, 1), (0.25, 9_000), (0, 1), (3, 5_000)]
    let expected = runs.flatMap { Array(repeating: $0.0, count: $0.1) }
    let weights = try weights(runs, tokens: tokens)
    try weights.check(against: tokens)
    #expect(weights.count == expected.count && weights.samples.provenance.notes["by"] == "entropy")
    let reader = weights.makeReader()
    for range in [
      0..<19_002, 4_999..<5_002, 13_999..<14_003, 18_990..<19_500, 19_100..<19_200, 3..<3,
    ] {
      var found = [Float](repeating: -1, count: range.count)
      try reader.forEach(in: range) { found[$0] = $1 }
      // Beyond the last record nothing counts.
      #expect(found == range.map { $0 < expected.count ? expected[$0] : 0 })
    }
  }

  @Test func belongsToItsTokensAlone() throws {
    let weights = try weights([(1, 20_000)], tokens: tokens())
    #expect(throws: StoreError.self) {
      try weights.check(against: tokens("other.rfx", count: 30_000))
    }
    let longer = try self.weights([(1, 20_001)], tokens: tokens())
    #expect(throws: StoreError.moreSamplesThanTokens(samples: 20_001, tokens: 20_000)) {
      try longer.check(against: tokens())
    }
  }

  @Test func isToldFromSampleSets() throws {
    let path = folder.file("sets.rfx")
    let writer = try SampleStoreWriter(
      path: path,
      configuration: SampleStoreConfiguration(
        vocabularySize: 9, capacity: 1, values: .float32, provenance: StoreProvenance()))
    try writer.append(ids: [0], weights: [1])
    _ = try writer.seal()
    #expect(throws: StoreError.otherValues(found: "sample sets", expected: "weights of tokens")) {
      try TokenWeights(path: path)
    }
    #expect(try weights([(1, 3)], tokens: tokens()).samples.isTokenWeights)
    #expect(throws: StoreError.self) { try weights([(.nan, 1)], tokens: tokens()) }
  }
}
