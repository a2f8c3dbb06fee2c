import RefluxStorage
import TestSupport

/// Seeded content for stores under test.
enum StoreSamples {
  typealias CountedSet = (ids: [UInt32], counts: [UInt32])

  static func ids(_ count: Int, vocabulary: Int, seed: UInt64) -> [UInt32] {
    var random = TestRandom(seed: seed)
    return (0..<count).map { _ in UInt32.random(in: 0..<UInt32(vocabulary), using: &random) }
  }

  /// A set of `rounds` draws from a skewed distribution over the vocabulary.
  static func set(
    vocabulary: Int, rounds: Int, using random: inout TestRandom
  ) -> CountedSet {
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
  ) -> [CountedSet] {
    var random = TestRandom(seed: seed)
    return (0..<count).map { _ in set(vocabulary: vocabulary, rounds: rounds, using: &random) }
  }

  /// `size` distinct ids in ascending order.
  static func distinct(
    _ size: Int, vocabulary: Int, using random: inout TestRandom
  ) -> [UInt32] {
    var ids: Set<UInt32> = []
    while ids.count < size {
      ids.insert(UInt32.random(in: 0..<UInt32(vocabulary), using: &random))
    }
    return ids.sorted()
  }

  static func tokenConfiguration(
    vocabulary: Int, perBlock: Int? = nil, first: Int = 0
  ) -> TokenStoreConfiguration {
    var result = TokenStoreConfiguration(
      vocabularySize: vocabulary, provenance: StoreProvenance(tokenizerHash: 77))
    result.recordsPerBlock = perBlock
    result.firstPosition = first
    return result
  }

  static func writeTokens(
    _ path: String, _ documents: [[UInt32]], vocabulary: Int, perBlock: Int? = nil,
    first: Int = 0, fileID: UInt64 = 1
  ) throws -> StoreSummary {
    let writer = try TokenStoreWriter(
      path: path,
      configuration: tokenConfiguration(vocabulary: vocabulary, perBlock: perBlock, first: first),
      fileID: fileID)
    for document in documents { try writer.append(document: document) }
    return try writer.seal()
  }

  static func provenance(rounds: Int, tokens: UInt64 = 0) -> StoreProvenance {
    StoreProvenance(
      tokenizerHash: 77, tokensHash: tokens, teacher: "teacher/größe", estimator: "multinomial",
      rounds: rounds, tau: 0.8, seed: 5, contextLength: 256, stride: 128)
  }

  static func configuration(
    vocabulary: Int, rounds: Int, encoding: SampleEncoding = .plain, tokens: UInt64 = 0,
    perBlock: Int? = nil, first: Int = 0
  ) -> SampleStoreConfiguration {
    var result = SampleStoreConfiguration(
      vocabularySize: vocabulary, capacity: rounds,
      provenance: provenance(rounds: rounds, tokens: tokens))
    result.encoding = encoding
    result.recordsPerBlock = perBlock
    result.firstPosition = first
    return result
  }

  static func writeSets(
    _ path: String, _ sets: [CountedSet], vocabulary: Int, rounds: Int,
    tokens: UInt64 = 0, encoding: SampleEncoding = .plain, perBlock: Int? = nil,
    fileID: UInt64 = 2
  ) throws -> StoreSummary {
    let configuration = configuration(
      vocabulary: vocabulary, rounds: rounds, encoding: encoding, tokens: tokens,
      perBlock: perBlock)
    return try writeSets(path, sets, configuration, fileID: fileID)
  }

  static func writeSets(
    _ path: String, _ sets: [CountedSet], _ configuration: SampleStoreConfiguration,
    fileID: UInt64 = 2
  ) throws -> StoreSummary {
    let writer = try SampleStoreWriter(
      path: path, configuration: configuration, fileID: fileID)
    for set in sets { try writer.append(ids: set.ids, counts: set.counts) }
    return try writer.seal()
  }

  /// Every record of a sample store through `read`, in pieces of odd sizes, in the order in which
  /// it gives the ids.
  static func readAll(
    _ store: SampleStore, piece: Int = 97
  ) throws -> [(ids: [UInt32], weights: [Float])] {
    let reader = store.makeReader()
    var result: [(ids: [UInt32], weights: [Float])] = []
    var ids = [UInt32](repeating: 1, count: 3 + piece * store.capacity)
    var weights = [Float](repeating: -1, count: ids.count)
    var offsets = [Int32](repeating: -1, count: piece + 1)
    var first = 0
    while first < store.count {
      let count = min(store.count - first, piece)
      var offsetSpan = offsets.mutableSpan
      var idSpan = ids.mutableSpan
      var weightSpan = weights.mutableSpan
      let end = try reader.read(
        first..<first + count, offsets: &offsetSpan, ids: &idSpan, weights: &weightSpan, from: 3)
      precondition(offsets[0] == 3 && end == Int(offsets[count]))
      for row in 0..<count {
        let range = Int(offsets[row])..<Int(offsets[row + 1])
        result.append((Array(ids[range]), Array(weights[range])))
      }
      first += count
    }
    return result
  }

  /// The same with the ids of every set in ascending order, as sets are compared.
  static func readAllSorted(
    _ store: SampleStore, piece: Int = 97
  ) throws -> [(ids: [UInt32], weights: [Float])] {
    try readAll(store, piece: piece).map { row in
      let order = row.ids.indices.sorted { row.ids[$0] < row.ids[$1] }
      return (order.map { row.ids[$0] }, order.map { row.weights[$0] })
    }
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
