import RefluxFiles
import TestSupport
import Testing

@testable import RefluxStorage

/// Folders of shards.
@Suite struct ShardTests {
  let folder = TemporaryFolder(isSmall: true)
  static let ids = StoreSamples.ids(5000, vocabulary: 700, seed: 3)
  static let sets = StoreSamples.sets(500, vocabulary: 900, rounds: 12, seed: 4)

  private func tokens(_ name: String, _ range: Range<Int>, vocabulary: Int = 700) throws {
    var documents: [[UInt32]] = []
    for first in stride(from: range.lowerBound, to: range.upperBound, by: 100) {
      documents.append(Array(Self.ids[first..<min(first + 100, range.upperBound)]))
    }
    _ = try StoreSamples.writeTokens(
      folder.file(name), documents, vocabulary: vocabulary, perBlock: 64 + range.lowerBound % 7,
      first: range.lowerBound, fileID: UInt64(range.lowerBound))
  }

  private func samples(
    _ name: String, _ range: Range<Int>, _ encoding: SampleEncoding, perBlock: Int
  ) throws {
    let configuration = StoreSamples.configuration(
      vocabulary: 900, rounds: 12, encoding: encoding, tokens: 9, perBlock: perBlock,
      first: range.lowerBound)
    _ = try StoreSamples.writeSets(folder.file(name), Array(Self.sets[range]), configuration)
  }

  @Test func shardsOfTokensAreOneStore() throws {
    let names = ["c.rfx", "a.rfx", "d.rfx", "b.rfx", "empty.rfx"]
    try tokens("a.rfx", 0..<1)
    try tokens("empty.rfx", 1..<1)
    try tokens("b.rfx", 1..<2000)
    try tokens("c.rfx", 2000..<2300)
    try tokens("d.rfx", 2300..<5000)
    let whole = try StoreSamples.writeTokens(
      folder.file("whole.rfx"), [Self.ids], vocabulary: 700)
    for order in [names, names.reversed(), names.sorted()] {
      let summary = try StoreManifest.write(folder: folder.path, names: order)
      #expect(summary.records == 5000 && summary.fingerprint == whole.fingerprint)
      let store = try TokenStore(path: folder.path)
      #expect(store.count == 5000 && store.fingerprint == whole.fingerprint)
      for piece in [1, 333, 5000] {
        #expect(try StoreSamples.readAll(store, piece: piece) == Self.ids)
      }
      let starts =
        [0] + stride(from: 1, to: 2000, by: 100) + stride(from: 2000, to: 2300, by: 100)
        + stride(from: 2300, to: 5000, by: 100)
      #expect(try store.documentStarts() == starts)
      #expect(store.documentCount == starts.count)
      let verification = try StoreVerification.verify(path: folder.path, jobs: 2)
      #expect(verification.isValid, "\(verification.failures)")
      #expect(verification.records == 5000)
      let inspection = try StoreInspection(path: folder.path)
      #expect(inspection.files == 5 && inspection.fingerprint == whole.fingerprint)
    }
  }

  @Test func shardsOfSamplesMayBePackedOneByOne() throws {
    try samples("0.rfx", 0..<130, .plain, perBlock: 8)
    try samples("1.rfx", 130..<131, .packed, perBlock: 64)
    try samples("2.rfx", 131..<500, .packed, perBlock: 100)
    let summary = try StoreManifest.write(
      folder: folder.path, names: ["2.rfx", "1.rfx", "0.rfx"])
    let whole = try StoreSamples.writeSets(
      folder.file("whole.rfx"), Self.sets, vocabulary: 900, rounds: 12, tokens: 9)
    #expect(summary.fingerprint == whole.fingerprint)
    let store = try SampleStore(path: folder.path)
    for piece in [1, 50, 500] {
      let rows = try StoreSamples.readAllSorted(store, piece: piece)
      #expect(rows.map(\.ids) == Self.sets.map(\.ids))
    }
    let reader = store.makeReader()
    var random = TestRandom(seed: 3)
    for _ in 0..<500 {
      let number = Int.random(in: 0..<500, using: &random)
      let record = try reader.record(number)
      #expect(record.ids == Self.sets[number].ids && record.counts == Self.sets[number].counts)
    }
    #expect(try StoreVerification.verify(path: folder.path).isValid)
    try SampleStore(path: folder.path).checkWhole()
    #expect(throws: StoreError.onlyAShard(first: 130)) {
      try SampleStore(path: folder.file("1.rfx")).checkWhole()
    }
  }

  /// A dictionary takes 4 bytes per id: a thousand shards of one capture hold one, not a thousand.
  @Test func shardsShareADictionaryThatIsTheSame() throws {
    try samples("0.rfx", 0..<130, .packed, perBlock: 8)
    try samples("1.rfx", 130..<300, .packed, perBlock: 64)
    var other = StoreSamples.configuration(
      vocabulary: 900, rounds: 12, encoding: .packed, tokens: 9, perBlock: 8, first: 300)
    other.frequencies = (0..<900).map { UInt64($0) }
    _ = try StoreSamples.writeSets(folder.file("2.rfx"), Array(Self.sets[300...]), other)
    _ = try StoreManifest.write(folder: folder.path, names: ["0.rfx", "1.rfx", "2.rfx"])
    let store = try SampleStore(path: folder.path)
    let dictionaries = store.store.shards.map(\.dictionary)
    #expect(dictionaries[0] != nil && dictionaries[0] === dictionaries[1])
    #expect(dictionaries[2] != nil && dictionaries[2] !== dictionaries[1])
    let rows = try StoreSamples.readAllSorted(store, piece: 77)
    #expect(rows.map(\.ids) == Self.sets.map(\.ids))
  }

  @Test func gapsOverlapsAndStrangersAreRefused() throws {
    try tokens("a.rfx", 0..<100)
    try tokens("b.rfx", 100..<200)
    try tokens("gap.rfx", 201..<300)
    try tokens("overlap.rfx", 199..<300)
    try tokens("stranger.rfx", 200..<300, vocabulary: 699)
    _ = try StoreManifest.write(folder: folder.path, names: ["a.rfx", "b.rfx"])
    let before = try FileSystem.readFile(path: folder.file("manifest.json"))
    let wrong: [([String], String)] = [
      (["a.rfx", "b.rfx", "gap.rfx"], "positions 200 to 201 are in no shard, or in two"),
      (["a.rfx", "b.rfx", "overlap.rfx"], "positions 200 to 199 are in no shard, or in two"),
      (["a.rfx", "b.rfx", "b.rfx"], "positions 200 to 100 are in no shard, or in two"),
      (["b.rfx"], "positions 0 to 100 are in no shard, or in two"),
      (
        ["a.rfx", "b.rfx", "stranger.rfx"],
        "a shard has a vocabulary of 699, another 700; join shards of one store"
      ), ([], "there are no shards to join"),
    ]
    for (names, text) in wrong {
      #expect(throws: StoreError.manifest(text)) {
        try StoreManifest.write(folder: folder.path, names: names)
      }
    }
    #expect(
      throws: StoreError.shard("none.rfx", .file(.failed(.open, code: 2)))
    ) { try StoreManifest.write(folder: folder.path, names: ["a.rfx", "none.rfx"]) }
    try samples("s.rfx", 200..<300, .plain, perBlock: 8)
    #expect(
      throws: StoreError.shard("s.rfx", .wrongKind(expected: .tokens, found: .samples))
    ) { try StoreManifest.write(folder: folder.path, names: ["a.rfx", "s.rfx"]) }
    #expect(try FileSystem.readFile(path: folder.file("manifest.json")) == before)
    #expect(throws: StoreError.self) { try SampleStore(path: folder.path) }
  }

  /// Every flipped bit and every truncation of a manifest is noticed.
  @Test(arguments: GoldenStores.folders) func damagedManifests(name: String) throws {
    for file in try FileSystem.listFiles(path: GoldenStores.path(valid: name)) {
      try folder.write(try FileSystem.readFile(path: file), to: FileSystem.name(of: file))
    }
    let manifest = try FileSystem.readFile(path: folder.file("manifest.json"))
    #expect(try StoreVerification.verify(path: folder.path).isValid)
    var damaged = manifest.indices.flatMap { place in
      DamageTests.bits(place).map { bit in
        var bytes = manifest
        bytes[place] ^= 1 << UInt8(bit)
        return bytes
      }
    }
    // The last two bytes are the closing brace and a line end.
    damaged += stride(from: 0, to: manifest.count - 1, by: DamageTests.isThorough ? 1 : 7).map {
      Array(manifest[..<$0])
    }
    var missed: [String] = []
    for bytes in damaged {
      try folder.write(bytes, to: "manifest.json")
      if (try? StoreVerification.verify(path: folder.path))?.isValid == true {
        missed.append(String(decoding: bytes, as: UTF8.self))
      }
    }
    #expect(missed == [])
  }

  @Test func damageIsReportedWithItsShard() throws {
    try tokens("a.rfx", 0..<1000)
    try tokens("b.rfx", 1000..<3000)
    _ = try StoreManifest.write(folder: folder.path, names: ["a.rfx", "b.rfx"])
    var forge = StoreForge(try FileSystem.readFile(path: folder.file("b.rfx")))
    forge.bytes[forge.payload(3)] ^= 1
    try folder.write(forge.bytes, to: "b.rfx")
    let failures = try StoreVerification.verify(path: folder.path).failures
    #expect(failures.map(\.file) == ["b.rfx"] && failures.map(\.block) == [3])
    let reader = try TokenStore(path: folder.path).makeReader()
    #expect(try reader.read(0..<1000) == Array(Self.ids[..<1000]))
    #expect(throws: StoreError.self) { try reader.read(0..<3000) }
  }
}
