import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

@Suite struct TokenStoreTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("tokens.rfx") }

  /// The fingerprint as SPEC.md, section 8.1, says it.
  static func fingerprint(_ ids: [UInt32], from first: Int = 0) -> UInt64 {
    var sum: UInt64 = 0
    for (index, id) in ids.enumerated() {
      var x = UInt64(first + index + 1) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(id)
      x ^= x >> 30
      x &*= 0xBF58_476D_1CE4_E5B9
      x ^= x >> 27
      x &*= 0x94D0_49BB_1331_11EB
      x ^= x >> 31
      sum &+= x
    }
    return sum
  }

  @Test(arguments: [1, 2, 255, 256, 257, 65535, 65536, 65537, 1 << 24, 1 << 31])
  func roundTrip(vocabulary: Int) throws {
    let count = 70_000
    let ids = StoreSamples.ids(count, vocabulary: vocabulary, seed: 3)
    var documents: [[UInt32]] = []
    var first = 0
    while first < count {
      let end = min(count, first + 1 + (first * 7) % 4000)
      documents.append(Array(ids[first..<end]))
      first = end
    }
    let summary = try StoreSamples.writeTokens(path, documents, vocabulary: vocabulary)
    #expect(!FileSystem.exists(path: path + ".partial"))
    let store = try TokenStore(path: path)
    #expect(store.count == count)
    #expect(store.vocabularySize == vocabulary)
    #expect(try StoreSamples.readAll(store) == ids)
    #expect(store.documentCount == documents.count)
    var start = 0
    let starts = documents.map { document in
      defer { start += document.count }
      return start
    }
    #expect(try store.documentStarts() == starts)
    #expect(store.fingerprint == Self.fingerprint(ids))
    #expect(summary.fingerprint == store.fingerprint)
    #expect(summary.fileBytes == (try FileSystem.size(path: path)))
    #expect(try StoreVerification.verify(path: path).isValid)
  }

  @Test(arguments: [0, 1, 32767, 32768, 32769])
  func sizesAroundABlock(count: Int) throws {
    let ids = StoreSamples.ids(count, vocabulary: 1000, seed: 9)
    let summary = try StoreSamples.writeTokens(path, [ids], vocabulary: 1000)
    #expect(summary.blocks == (count + 32767) / 32768)
    let store = try TokenStore(path: path)
    #expect(store.count == count)
    #expect(try store.documentStarts() == (count == 0 ? [] : [0]))
    #expect(try StoreSamples.readAll(store) == ids)
    #expect(try StoreVerification.verify(path: path).isValid)
  }

  @Test func readsAnyRange() throws {
    let ids = StoreSamples.ids(100_000, vocabulary: 50_000, seed: 4)
    _ = try StoreSamples.writeTokens(path, [ids], vocabulary: 50_000)
    let reader = try TokenStore(path: path).makeReader()
    var random = TestRandom(seed: 8)
    for _ in 0..<200 {
      let first = Int.random(in: 0...100_000, using: &random)
      let end = Int.random(in: first...100_000, using: &random)
      let part = try reader.read(first..<end)
      #expect(part == Array(ids[first..<end]))
    }
    var none: [UInt32] = [7]
    var span = none.mutableSpan
    #expect(throws: StoreError.outOfRange(first: 99_999, end: 100_001, count: 100_000)) {
      try reader.read(99_999..<100_001, into: &span)
    }
    try reader.read(100_000..<100_000, into: &span)
    #expect(none == [7])
  }

  @Test func emptyDocumentsLeaveNoTrace() throws {
    _ = try StoreSamples.writeTokens(path, [[], [1, 2], [], [3], []], vocabulary: 10)
    #expect(try TokenStore(path: path).documentStarts() == [0, 2])
  }

  @Test func everyTokenItsOwnDocument() throws {
    let ids = StoreSamples.ids(40_000, vocabulary: 300, seed: 1)
    _ = try StoreSamples.writeTokens(path, ids.map { [$0] }, vocabulary: 300)
    let store = try TokenStore(path: path)
    #expect(try store.documentStarts() == Array(0..<40_000))
    #expect(try StoreSamples.readAll(store) == ids)
    #expect(try StoreVerification.verify(path: path).isValid)
  }

  @Test func refusesForeignIDsBeforeWriting() throws {
    let writer = try TokenStoreWriter(
      path: path, configuration: TokenStoreConfiguration(vocabularySize: 10))
    try writer.append(document: [1, 2])
    #expect(throws: StoreError.refused(record: 4, .id(10, vocabulary: 10))) {
      try writer.append(document: [3, 4, 10])
    }
    try writer.append(document: [5])
    let summary = try writer.seal()
    #expect(summary.records == 3)
    #expect(try StoreSamples.readAll(try TokenStore(path: path)) == [1, 2, 5])
  }

  @Test func refusesWhatTheFormatCannotHold() {
    for vocabulary in [0, -1, (1 << 31) + 1] {
      #expect(throws: StoreError.self) {
        _ = try TokenStoreWriter(
          path: path, configuration: TokenStoreConfiguration(vocabularySize: vocabulary))
      }
    }
    let provenances = [
      StoreProvenance(teacher: String(repeating: "x", count: 4097)),
      StoreProvenance(rounds: -1), StoreProvenance(tau: .nan), StoreProvenance(stride: 1 << 31),
      StoreProvenance(created: -1), StoreProvenance(contextLength: 1 << 31),
      StoreProvenance(notes: ["Key": "x"]), StoreProvenance(notes: ["": "x"]),
      StoreProvenance(notes: [String(repeating: "k", count: 65): "x"]),
      StoreProvenance(notes: ["a": String(repeating: "x", count: 4097)]),
      StoreProvenance(
        notes: Dictionary(
          uniqueKeysWithValues: (0..<16).map {
            ("k\($0)", String(repeating: "x", count: 4096))
          })),
    ]
    for provenance in provenances {
      #expect(throws: StoreError.self) {
        _ = try TokenStoreWriter(
          path: path,
          configuration: TokenStoreConfiguration(vocabularySize: 5, provenance: provenance))
      }
    }
    #expect(!FileSystem.exists(path: path + ".partial"))
  }
}
