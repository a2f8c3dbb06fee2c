import Foundation
import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// Damage that no checksum was mended for: every case must be found.
@Suite struct DamageTests {
  let folder = TemporaryFolder(isSmall: true)

  @Test(arguments: GoldenStores.files) func everyTruncation(name: String) throws {
    let bytes = try FileSystem.readFile(path: GoldenStores.path(valid: name))
    let path = folder.file("cut.rfx")
    for length in stride(from: 0, to: bytes.count, by: Self.isThorough ? 1 : 7) {
      try folder.write(Array(bytes[..<length]), to: FileSystem.name(of: path))
      let verification = try? StoreVerification.verify(path: path)
      #expect(verification?.isValid != true, "\(length) bytes")
      #expect(throws: StoreError.self, "\(length) bytes") { try open(path) }
    }
  }

  @Test(arguments: GoldenStores.files) func everyExtension(name: String) throws {
    let bytes = try FileSystem.readFile(path: GoldenStores.path(valid: name))
    let path = folder.file("long.rfx")
    let last80 = Array(bytes.suffix(80))
    for more in [[0], [UInt8](repeating: 0, count: 8), [UInt8](repeating: 0, count: 4096), last80] {
      try folder.write(bytes + more, to: FileSystem.name(of: path))
      #expect(throws: StoreError.self) { try open(path) }
      #expect(try !StoreVerification.verify(path: path).isValid)
    }
  }

  /// In debug builds, which take ten times as long under the address sanitizer, a part of the
  /// places must do; every test run goes through all of them in an optimised build.
  #if DEBUG
    static let isThorough = false
  #else
    static let isThorough = true
  #endif

  /// The bits to flip in the byte at `offset`.
  static func bits(_ offset: Int) -> Range<Int> {
    if isThorough { return 0..<8 }
    return offset % 3 == 0 ? offset % 8..<offset % 8 + 1 : 0..<0
  }

  /// Every flipped bit is found by `verify`, and reading gives an error or the true content.
  @Test(arguments: GoldenStores.files) func everyBitFlip(name: String) throws {
    let bytes = try FileSystem.readFile(path: GoldenStores.path(valid: name))
    let path = folder.file("flip.rfx")
    try folder.write(bytes, to: FileSystem.name(of: path))
    let truth = try GoldenDescription(name: "", path: path)
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    var missed: [String] = []
    for offset in bytes.indices {
      for bit in Self.bits(offset) {
        try overwrite(file, offset, bytes[offset] ^ (1 << UInt8(bit)))
        let verification = try? StoreVerification.verify(path: path)
        if verification?.isValid == true { missed.append("\(offset).\(bit)") }
        if (bit + offset) % 4 == 0, let read = try? GoldenDescription(name: "", path: path),
          read != truth
        {
          missed.append("\(offset).\(bit) read")
        }
      }
      try overwrite(file, offset, bytes[offset])
    }
    #expect(missed == [])
    #expect(try StoreVerification.verify(path: path).isValid)
  }

  /// What a lost write or the end of a mapped page looks like.
  @Test(arguments: GoldenStores.files) func zeroedRanges(name: String) throws {
    let bytes = try FileSystem.readFile(path: GoldenStores.path(valid: name))
    let path = folder.file("zero.rfx")
    for start in stride(from: 0, to: bytes.count, by: 16) {
      for end in [start + 16, start + 64, bytes.count] where end <= bytes.count {
        var damaged = bytes
        for index in start..<end { damaged[index] = 0 }
        if damaged == bytes { continue }
        try folder.write(damaged, to: FileSystem.name(of: path))
        let verification = try? StoreVerification.verify(path: path)
        #expect(verification?.isValid != true, "\(start)..<\(end)")
      }
    }
  }

  @Test func everyBadBlockIsReported() throws {
    let path = folder.file("s.rfx")
    let sets = StoreSamples.sets(3000, vocabulary: 5000, rounds: 50, seed: 6)
    let summary = try StoreSamples.writeSets(path, sets, vocabulary: 5000, rounds: 50)
    var forge = StoreForge(try FileSystem.readFile(path: path))
    let bad = [0, 3, summary.blocks - 1]
    for block in bad { forge.bytes[forge.payload(block) + 12] ^= 4 }
    try folder.write(forge.bytes, to: FileSystem.name(of: path))
    let verification = try StoreVerification.verify(path: path)
    #expect(verification.blocks == summary.blocks)
    #expect(verification.failures.map(\.block) == bad)
    #expect(verification.failures.map(\.offset) == bad.map(forge.blockOffset))
    #expect(verification.failures.allSatisfy { $0.message.hasPrefix("checksum mismatch") })

    // The same without an index: each bad block is met by walking from block to block.
    forge.bytes.removeSubrange(forge.indexOffset...)
    try folder.write(forge.bytes, to: FileSystem.name(of: path))
    let scanned = try StoreVerification.verify(path: path)
    #expect(scanned.failures.compactMap(\.block) == bad)
    #expect(scanned.failures.first?.message.hasPrefix("not sealed") == true)
  }

  @Test func goodBlocksStayReadableBesideABadOne() throws {
    let path = folder.file("t.rfx")
    let ids = StoreSamples.ids(100_000, vocabulary: 4000, seed: 2)
    _ = try StoreSamples.writeTokens(path, [ids], vocabulary: 4000)
    var forge = StoreForge(try FileSystem.readFile(path: path))
    forge.bytes[forge.blockOffset(1) + 1000] ^= 1
    try folder.write(forge.bytes, to: FileSystem.name(of: path))
    let reader = try TokenStore(path: path).makeReader()
    #expect(try reader.read(0..<32_768) == Array(ids[..<32_768]))
    do {
      _ = try reader.read(32_767..<32_769)
      Issue.record("the bad block must be refused")
    } catch {
      #expect("\(error)".hasPrefix("block 1 at offset \(forge.blockOffset(1)): checksum"))
      #expect("\(error)".hasSuffix("recover what is intact"))
    }
    #expect(try reader.read(65_536..<100_000) == Array(ids[65_536...]))
    #expect(try reader.read(10..<20) == Array(ids[10..<20]))
  }

  /// Ids beyond the vocabulary would be used as addresses: also `read` refuses them.
  @Test func readersRefuseWhatCouldBeUsedAsAnAddress() throws {
    let paths = [
      "id-beyond-vocabulary", "set-id", "set-length", "set-length-sum", "packed-length",
      "packed-rank",
    ].map { GoldenStores.path(invalid: $0 + ".rfx") }
    #expect(throws: StoreError.self) {
      try TokenStore(path: paths[0]).makeReader().read(0..<2)
    }
    for path in paths[1...] {
      let store = try SampleStore(path: path)
      #expect(throws: StoreError.self) { try StoreSamples.readAll(store) }
      #expect(throws: StoreError.self) { try store.makeReader().record(0) }
    }
    // The other block is fine.
    for path in paths[1...3] {
      #expect(try SampleStore(path: path).makeReader().record(2).ids == [])
    }
  }

  /// A block of the cache is named as itself, not as the one that was read since.
  @Test func badIDsInCachedBlocksAreNamedWhereTheyLie() throws {
    let path = folder.file("cached.rfx")
    var ids = [UInt32](repeating: 7, count: 96)
    ids[40] = 290
    var configuration = TokenStoreConfiguration(vocabularySize: 300)
    (configuration.recordsPerBlock, configuration.level) = (32, 1)
    let writer = try TokenStoreWriter(path: path, configuration: configuration)
    try writer.append(document: ids.span)
    _ = try writer.seal()
    var forge = StoreForge(try FileSystem.readFile(path: path))
    for place in [40, 44] { forge.set(280, at: place, width: 4) }
    forge.fixHeader()
    try folder.write(forge.bytes, to: "cached.rfx")
    let reader = try TokenStore(path: path).makeReader(cacheBytes: 1 << 16)
    #expect(try reader.read(32..<40).count == 8)
    #expect(try reader.read(64..<96).count == 32)
    let expected = StoreError.damaged(
      .block(1), offset: forge.blockOffset(1), .record(40, .id(290, vocabulary: 280)))
    #expect(throws: expected) { try reader.read(38..<42) }
  }

  private func open(_ path: String) throws {
    do {
      _ = try TokenStore(path: path)
    } catch StoreError.wrongKind {
      _ = try SampleStore(path: path)
    }
  }

  private func overwrite(_ file: FileHandle, _ offset: Int, _ byte: UInt8) throws {
    try file.seek(toOffset: UInt64(offset))
    try file.write(contentsOf: Data([byte]))
  }
}
