import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

@Suite struct RecoveryTests {
  let folder = TemporaryFolder()
  static let ids = StoreSamples.ids(200_000, vocabulary: 60_000, seed: 21)
  static let documents = stride(from: 0, to: 200_000, by: 30_000).map {
    Array(ids[$0..<min($0 + 30_000, 200_000)])
  }

  /// A token store of seven blocks with documents of 30,000 tokens.
  private func tokens() throws -> StoreForge {
    let path = folder.file("t.rfx")
    _ = try StoreSamples.writeTokens(path, Self.documents, vocabulary: 60_000)
    return StoreForge(try FileSystem.readFile(path: path))
  }

  private func recover(_ forge: StoreForge) throws -> (StoreRecovery, String) {
    let path = try folder.write(forge.bytes, to: "damaged.rfx")
    let output = folder.file("saved.rfx")
    let recovery = try StoreRecovery.recover(path: path, output: output)
    #expect(try StoreVerification.verify(path: output).isValid)
    #expect(try FileSystem.readFile(path: path) == forge.bytes, "the source is never changed")
    return (recovery, output)
  }

  @Test func soundStoreComesBackWhole() throws {
    let forge = try tokens()
    let (recovery, output) = try recover(forge)
    #expect(recovery.recordsRecovered == 200_000)
    #expect(recovery.recordsLost == 0)
    let store = try TokenStore(path: output)
    #expect(store.fingerprint == (try TokenStore(path: folder.file("t.rfx"))).fingerprint)
    #expect(try store.documentStarts() == stride(from: 0, to: 200_000, by: 30_000).map { $0 })
  }

  @Test func tokensBesideDamageAreKept() throws {
    var forge = try tokens()
    forge.bytes[forge.blockOffset(2) + 500] ^= 8
    let (recovery, output) = try recover(forge)
    #expect(recovery.recordsRecovered == 200_000 - 32_768)
    #expect(recovery.recordsLost == 32_768)
    let store = try TokenStore(path: output)
    let expected = Array(Self.ids[..<65_536] + Self.ids[98_304...])
    #expect(try StoreSamples.readAll(store) == expected)
    // Block 2 held the start at 90,000; what follows the gap starts a document of its own.
    let shifted = [120_000, 150_000, 180_000].map { $0 - 32_768 }
    #expect(try store.documentStarts() == [0, 30_000, 60_000, 65_536] + shifted)
  }

  @Test func brokenBlockHeaderDoesNotHideTheRest() throws {
    var forge = try tokens()
    let offset = forge.blockOffset(1)
    for index in 0..<48 { forge.bytes[offset + index] = 0xAA }
    forge.bytes.removeSubrange((forge.blockOffset(5) + 100)...)
    let (recovery, _) = try recover(forge)
    #expect(recovery.recordsRecovered == 4 * 32_768)
    #expect(recovery.recordsLost == 32_768, "the cut-off end had no known length")
  }

  @Test func samplesKeepTheirPositions() throws {
    let path = folder.file("s.rfx")
    let sets = StoreSamples.sets(3000, vocabulary: 5000, rounds: 50, seed: 6)
    _ = try StoreSamples.writeSets(path, sets, vocabulary: 5000, rounds: 50, tokens: 9)
    var forge = StoreForge(try FileSystem.readFile(path: path))
    forge.bytes[forge.payload(2) + 5] ^= 1
    let (recovery, output) = try recover(forge)
    let store = try SampleStore(path: output)
    let kept = 2 * store.header.recordsPerBlock
    #expect(recovery.recordsRecovered == kept)
    #expect(recovery.recordsLost == 3000 - kept)
    #expect(store.provenance == StoreSamples.provenance(rounds: 50, tokens: 9))
    #expect(try StoreSamples.readAll(store).map(\.ids) == sets[..<kept].map(\.ids))
  }

  /// A block whose checksum is right but whose records are not is no better than a torn one.
  @Test(arguments: ["set-counts", "set-length", "document-order", "packed-set-counts"])
  func invalidRecordsAreNotKept(name: String) throws {
    let forge = StoreForge(try FileSystem.readFile(path: GoldenStores.path(invalid: name + ".rfx")))
    let (recovery, _) = try recover(forge)
    #expect(recovery.recordsLost > 0)
  }

  @Test func everyGoldenFileIsRecoveredOrRefused() throws {
    for fault in GoldenFault.all where !fault.isFolder {
      let path = GoldenStores.path(invalid: fault.name)
      let output = folder.file("any.rfx")
      do {
        _ = try StoreRecovery.recover(path: path, output: output)
        #expect(try StoreVerification.verify(path: output).isValid, "\(fault.name)")
      } catch {
        let isRefusal =
          ["damaged_header", "damaged_dictionary", "empty", "not_a_store", "converted_line_ends"]
          .contains(fault.error) || fault.error.hasPrefix("unsupported")
        #expect(isRefusal, "\(fault.name): \(error)")
      }
    }
  }

  /// A file full of block magics that promise much must not keep the search busy for ever.
  @Test func searchEndsOnAHostileFile() throws {
    let valid = try FileSystem.readFile(path: GoldenStores.path(valid: "tokens-1-byte"))
    var forge = StoreForge(Array(valid[..<StoreForge(valid).headerBytes]))
    let filler = 4 << 20
    let block: [UInt8] =
      [0x52, 0x46, 0x58, 0x42, 64, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
      + [0, 0, 32, 0, 0, 0, 32, 0]
    for _ in 0..<filler / block.count { forge.bytes += block }
    let (recovery, _) = try recover(forge)
    #expect(recovery.recordsRecovered == 0)
    let path = folder.file("damaged.rfx")
    #expect(try !StoreVerification.verify(path: path).isValid)
  }
}
