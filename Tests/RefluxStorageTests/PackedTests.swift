import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// Packed sets come back as they were.
@Suite struct PackedTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("packed.rfx") }

  static let vocabularies = [1, 2, 3, 255, 256, 257, 65535, 65536, 65537]

  static func codecs(_ path: String) throws -> [UInt8] {
    let forge = StoreForge(try FileSystem.readFile(path: path))
    return (0..<forge.blockCount).map { forge.bytes[forge.blockOffset($0) + 24] }
  }

  /// Compares whole-block reading, pieces of several sizes and single records with `sets`.
  private func compare(_ sets: [StoreSamples.CountedSet], rounds: Int) throws {
    let store = try SampleStore(path: path)
    #expect(store.count == sets.count)
    for piece in [1, 7, max(1, sets.count)] {
      let rows = try StoreSamples.readAllSorted(store, piece: piece)
      for (row, set) in zip(rows, sets) {
        #expect(row.ids == set.ids)
        #expect(row.weights == set.counts.map { Float($0) / Float(rounds) })
      }
    }
    let reader = store.makeReader()
    // Backwards, so that no record is in memory from the one before.
    for number in sets.indices.reversed() {
      let record = try reader.record(number)
      #expect(record.ids == sets[number].ids && record.counts == sets[number].counts)
    }
    let verification = try StoreVerification.verify(path: path)
    #expect(verification.isValid, "\(verification.failures)")
  }

  @Test(arguments: vocabularies) func everySizeOfCountedSets(vocabulary: Int) throws {
    var random = TestRandom(seed: UInt64(vocabulary))
    let rounds = 300
    var sets: [StoreSamples.CountedSet] = []
    for size in 1...67 where size <= vocabulary {
      let ids = StoreSamples.distinct(size, vocabulary: vocabulary, using: &random)
      var counts = [UInt32](repeating: 1, count: size)
      for _ in size..<rounds { counts[Int.random(in: 0..<size, using: &random)] += 1 }
      sets.append((ids, counts))
    }
    // The ends of the vocabulary are the first and the last rank.
    if vocabulary > 1 { sets.append(([0, UInt32(vocabulary - 1)], [1, 299])) }
    var configuration = StoreSamples.configuration(
      vocabulary: vocabulary, rounds: rounds, encoding: .packed, perBlock: 20)
    for isFlat in [true, false] {
      configuration.frequencies = isFlat ? [] : (0..<vocabulary).map { UInt64($0 % 1000) }
      _ = try StoreSamples.writeSets(path, sets, configuration)
      try compare(sets, rounds: rounds)
    }
  }

  /// A dictionary of 8 MiB, which debug builds would read for too long.
  @Test(.enabled(if: DamageTests.isThorough)) func theLargestVocabulary() throws {
    let last = UInt32(1 << 24 - 1)
    let sets: [StoreSamples.CountedSet] = [
      ([0, last], [1, 49]), ([last - 1, last], [25, 25]), ([1 << 23], [50]),
      ([7, 1 << 16], [1, 49]),
    ]
    var configuration = StoreSamples.configuration(
      vocabulary: 1 << 24, rounds: 50, encoding: .packed)
    configuration.frequencies = (0..<1 << 24).map { UInt64($0 % 1000) }
    let all = Array(repeatElement(sets, count: 100).joined())
    _ = try StoreSamples.writeSets(path, all, configuration)
    #expect(try Self.codecs(path) == [2, 2])
    let reader = try SampleStore(path: path).makeReader()
    for number in 0..<12 {
      let record = try reader.record(number)
      #expect(record.ids == sets[number % 4].ids && record.counts == sets[number % 4].counts)
    }
  }

  @Test(arguments: vocabularies) func everySizeOfWeightedSets(vocabulary: Int) throws {
    var random = TestRandom(seed: UInt64(vocabulary))
    var configuration = StoreSamples.configuration(
      vocabulary: vocabulary, rounds: 67, encoding: .packed, perBlock: 30)
    configuration.values = .float32
    let writer = try SampleStoreWriter(path: path, configuration: configuration)
    var sets: [(ids: [UInt32], weights: [Float])] = []
    for size in 0...67 where size <= vocabulary {
      let ids = StoreSamples.distinct(size, vocabulary: vocabulary, using: &random)
      sets.append((ids, ids.map { _ in Float.random(in: 0...2, using: &random) }))
    }
    for set in sets { try writer.append(ids: set.ids, weights: set.weights) }
    _ = try writer.seal()
    let store = try SampleStore(path: path)
    for (row, set) in zip(try StoreSamples.readAllSorted(store), sets) {
      #expect(row.ids == set.ids && row.weights == set.weights)
    }
    let reader = store.makeReader()
    for (number, set) in sets.enumerated().reversed() {
      let record = try reader.record(number)
      #expect(record.ids == set.ids && record.weights == set.weights)
    }
    #expect(try StoreVerification.verify(path: path).isValid)
  }

  @Test(arguments: [1, 2, 3, 127, 255, 256, 1000, 32_768, 65_535, 65_536, 1 << 20])
  func everyMagnitudeOfRounds(rounds: Int) throws {
    let sets = (0..<40).map { number -> StoreSamples.CountedSet in
      let first = 1 + number * (rounds - 1) / 39
      return first == rounds
        ? ([7], [UInt32(rounds)]) : ([7, 9], [UInt32(first), UInt32(rounds - first)])
    }
    let summary = try StoreSamples.writeSets(
      path, sets, vocabulary: 20, rounds: rounds, encoding: .packed, perBlock: 40)
    #expect(summary.blocks == 1)
    // Larger counts have no class: the block is a plain one.
    #expect(try Self.codecs(path) == [rounds > 65_535 ? 1 : 2])
    try compare(sets, rounds: rounds)
  }

  @Test func aSingleSymbolTakesNoBits() throws {
    let sets = (0..<500).map { number -> StoreSamples.CountedSet in
      ([UInt32(63 + number % 64)], [16])
    }
    _ = try StoreSamples.writeSets(
      path, sets, vocabulary: 200, rounds: 16, encoding: .packed, perBlock: 500)
    let forge = StoreForge(try FileSystem.readFile(path: path))
    let payload = forge.payload(0)
    // Seven classes of steps and five of counts: 64 to 127, and 16, whose digits take ten bits.
    #expect(forge.bytes[payload] == 7 && forge.bytes[payload + 1] == 5)
    let streams = (0..<4).map { forge.number(at: payload + 4 + 4 * $0, width: 4) }
    #expect(streams == [157, 157, 157, 157])
    try compare(sets, rounds: 16)
  }

  @Test func blocksOfEmptySets() throws {
    var configuration = StoreSamples.configuration(
      vocabulary: 50, rounds: 4, encoding: .packed, perBlock: 100)
    configuration.values = .logarithm8
    let writer = try SampleStoreWriter(path: path, configuration: configuration)
    let (noIDs, noWeights): ([UInt32], [Float]) = ([], [])
    for _ in 0..<250 { try writer.append(ids: noIDs, weights: noWeights) }
    _ = try writer.seal()
    #expect(try Self.codecs(path) == [2, 2, 2])
    let store = try SampleStore(path: path)
    #expect(try StoreSamples.readAll(store).allSatisfy { $0.ids.isEmpty })
    #expect(try store.makeReader().record(99).weights == [])
    #expect(try StoreVerification.verify(path: path).isValid)
  }

  /// Symbols whose frequencies halve again and again need codes of eleven bits and would need
  /// longer ones.
  @Test func codesOfElevenBits() throws {
    var sets: [StoreSamples.CountedSet] = []
    for magnitude in 0..<14 {
      for _ in 0..<(1 << magnitude) {
        let step = UInt32(1) << UInt32(13 - magnitude)
        sets.append(([step - 1], [1]))
      }
    }
    let summary = try StoreSamples.writeSets(
      path, sets, vocabulary: 1 << 14, rounds: 1, encoding: .packed)
    #expect(summary.blocks == 1)
    let forge = StoreForge(try FileSystem.readFile(path: path))
    let payload = forge.payload(0)
    let codes = forge.bytes[(payload + 20)..<(payload + 27)].flatMap { [$0 & 15, $0 >> 4] }
    #expect(codes.max() == 11 && forge.bytes[payload] == 14)
    try compare(Array(sets[(sets.count - 3000)...]), rounds: 1, skipping: sets.count - 3000)
    let rows = try StoreSamples.readAll(SampleStore(path: path), piece: 4096)
    #expect(rows.map(\.ids) == sets.map(\.ids))
  }

  private func compare(
    _ sets: [StoreSamples.CountedSet], rounds: Int, skipping first: Int
  ) throws {
    let reader = try SampleStore(path: path).makeReader()
    for number in stride(from: 0, to: sets.count, by: 37) {
      #expect(try reader.record(first + number).ids == sets[number].ids)
    }
    #expect(try StoreVerification.verify(path: path).isValid)
  }

  @Test func dictionariesOfTheWrongSizeAreRefused() {
    var configuration = StoreSamples.configuration(vocabulary: 20, rounds: 4, encoding: .packed)
    configuration.frequencies = Array(repeating: 1, count: 19)
    #expect(
      throws: StoreError.configuration("19 frequencies were given for a vocabulary of 20")
    ) {
      _ = try SampleStoreWriter(path: path, configuration: configuration)
    }
    #expect(!FileSystem.exists(path: path + ".partial"))
  }

  /// Windows as training reads them give the same sets whatever the encoding is.
  @Test func trainingSeesTheSameSets() throws {
    let sets = StoreSamples.sets(3000, vocabulary: 5000, rounds: 50, seed: 8)
    var frequencies = [UInt64](repeating: 0, count: 5000)
    for set in sets { for id in set.ids { frequencies[Int(id)] += 1 } }
    var configuration = StoreSamples.configuration(
      vocabulary: 5000, rounds: 50, encoding: .packed)
    configuration.frequencies = frequencies
    let packed = try StoreSamples.writeSets(path, sets, configuration)
    let plainPath = folder.file("plain.rfx")
    let plain = try StoreSamples.writeSets(plainPath, sets, vocabulary: 5000, rounds: 50)
    #expect(packed.fingerprint == plain.fingerprint)
    #expect(packed.fileBytes < plain.fileBytes * 3 / 4)
    let stores = try [SampleStore(path: path), SampleStore(path: plainPath)]
    for window in [1, 64, 256] {
      let rows = try stores.map { try StoreSamples.readAllSorted($0, piece: window) }
      #expect(rows[0].map(\.ids) == rows[1].map(\.ids))
      #expect(rows[0].map(\.weights) == rows[1].map(\.weights))
    }
  }
}
