import RefluxStorage
import TestSupport

/// Seeded content for stores under test.
enum StoreSamples {
  static func ids(_ count: Int, vocabulary: Int, seed: UInt64) -> [UInt32] {
    var random = TestRandom(seed: seed)
    return (0..<count).map { _ in UInt32.random(in: 0..<UInt32(vocabulary), using: &random) }
  }

  /// A set of `rounds` draws from a skewed distribution over the vocabulary.
  static func set(
    vocabulary: Int, rounds: Int, using random: inout TestRandom
  ) -> (ids: [UInt32], counts: [UInt32]) {
    var counts: [UInt32: UInt32] = [:]
    let base = UInt32.random(in: 0..<UInt32(vocabulary), using: &random)
    for _ in 0..<rounds {
      let steps = UInt32(random.next().trailingZeroBitCount)
      let far = steps > 3 ? UInt32.random(in: 0..<UInt32(vocabulary), using: &random) : steps
      counts[(base &+ far) % UInt32(vocabulary), default: 0] += 1
    }
    let ids = counts.keys.sorted()
    return (ids, ids.map { counts[$0] ?? 0 })
  }

  static func sets(
    _ count: Int, vocabulary: Int, rounds: Int, seed: UInt64
  ) -> [(ids: [UInt32], counts: [UInt32])] {
    var random = TestRandom(seed: seed)
    return (0..<count).map { _ in set(vocabulary: vocabulary, rounds: rounds, using: &random) }
  }

  static func writeTokens(
    _ path: String, _ documents: [[UInt32]], vocabulary: Int, fileID: UInt64 = 1
  ) throws -> StoreSummary {
    let writer = try TokenStoreWriter(
      path: path, vocabularySize: vocabulary, provenance: StoreProvenance(tokenizerHash: 77),
      fileID: fileID)
    for document in documents { try writer.append(document: document) }
    return try writer.seal()
  }

  static func provenance(rounds: Int, tokens: UInt64 = 0) -> StoreProvenance {
    StoreProvenance(
      tokenizerHash: 77, tokensHash: tokens, teacher: "teacher/größe", estimator: "multinomial",
      rounds: rounds, tau: 0.8, seed: 5, contextLength: 256, stride: 128)
  }

  static func writeSets(
    _ path: String, _ sets: [(ids: [UInt32], counts: [UInt32])], vocabulary: Int, rounds: Int,
    tokens: UInt64 = 0, fileID: UInt64 = 2
  ) throws -> StoreSummary {
    let writer = try SampleStoreWriter(
      path: path, vocabularySize: vocabulary, capacity: rounds, weighted: false,
      provenance: provenance(rounds: rounds, tokens: tokens), fileID: fileID)
    for set in sets { try writer.append(ids: set.ids, counts: set.counts) }
    return try writer.seal()
  }

  /// Every record of a sample store through `read`, in pieces of odd sizes.
  static func readAll(_ store: SampleStore) throws -> [(ids: [UInt32], weights: [Float])] {
    let reader = store.makeReader()
    var result: [(ids: [UInt32], weights: [Float])] = []
    var first = 0
    while first < store.count {
      let count = min(store.count - first, 97)
      var lengths = [Int32](repeating: -1, count: count)
      var ids = [UInt32](repeating: 1, count: count * store.capacity)
      var weights = [Float](repeating: -1, count: count * store.capacity)
      var lengthSpan = lengths.mutableSpan
      var idSpan = ids.mutableSpan
      var weightSpan = weights.mutableSpan
      try reader.read(
        first..<first + count, lengths: &lengthSpan, ids: &idSpan, weights: &weightSpan)
      for row in 0..<count {
        let range = row * store.capacity..<row * store.capacity + Int(lengths[row])
        result.append((Array(ids[range]), Array(weights[range])))
      }
      first += count
    }
    return result
  }

  static func readAll(_ store: TokenStore, piece: Int = 1013) throws -> [UInt32] {
    let reader = store.makeReader()
    var ids = [UInt32](repeating: 0, count: store.count)
    var first = 0
    while first < store.count {
      let end = min(store.count, first + piece)
      let part = try reader.read(first..<end)
      ids.replaceSubrange(first..<end, with: part)
      first = end
    }
    return ids
  }
}
