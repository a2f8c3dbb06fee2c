import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// An index of many pages, each of which is checked when it is used.
@Suite struct IndexTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("i.rfx") }

  /// Blocks of one token, documents of one or two: 2,000 blocks and 1,334 documents.
  private func store() throws -> StoreForge {
    let ids = StoreSamples.ids(2000, vocabulary: 300, seed: 2)
    var documents: [[UInt32]] = []
    for first in stride(from: 0, to: 2000, by: 3) {
      documents.append([ids[first]])
      if first + 1 < 2000 { documents.append(Array(ids[(first + 1)..<min(first + 3, 2000)])) }
    }
    let summary = try StoreSamples.writeTokens(path, documents, vocabulary: 300, perBlock: 1)
    #expect(summary.blocks == 2000 && summary.documents == 1334)
    return StoreForge(try FileSystem.readFile(path: path))
  }

  @Test func manyPages() throws {
    let forge = try store()
    #expect(forge.trailerOffset - forge.indexOffset == 8 * 3334 + 8 * 7)
    let store = try TokenStore(path: path)
    #expect(try StoreSamples.readAll(store) == StoreSamples.ids(2000, vocabulary: 300, seed: 2))
    let starts = (0..<2000).filter { $0 % 3 != 2 }
    #expect(try store.documentStarts() == starts)
    #expect(try StoreVerification.verify(path: path).isValid)
  }

  @Test(arguments: [510, 511, 512, 1021, 1022, 1023])
  func sizesAroundAPage(count: Int) throws {
    let ids = StoreSamples.ids(count, vocabulary: 300, seed: 2)
    _ = try StoreSamples.writeTokens(path, [ids], vocabulary: 300, perBlock: 1)
    #expect(try StoreSamples.readAll(TokenStore(path: path)) == ids)
    #expect(try StoreVerification.verify(path: path).isValid)
    _ = try StoreSamples.writeTokens(path, ids.map { [$0] }, vocabulary: 300, perBlock: 16)
    #expect(try TokenStore(path: path).documentStarts() == Array(0..<count))
    #expect(try StoreVerification.verify(path: path).isValid)
  }

  /// A damaged page hides the blocks that it names, and no others.
  @Test func aDamagedPageHidesItsOwnBlocksOnly() throws {
    var forge = try store()
    forge.bytes[forge.indexPlace(600)] ^= 1
    try folder.write(forge.bytes, to: "i.rfx")
    let reader = try TokenStore(path: path).makeReader()
    let ids = StoreSamples.ids(2000, vocabulary: 300, seed: 2)
    // The end of block 510 is the first number of the damaged page.
    #expect(try reader.read(0..<510) == Array(ids[..<510]))
    #expect(try reader.read(1022..<2000) == Array(ids[1022...]))
    for record in [510, 511, 700, 1021] {
      do {
        _ = try reader.read(record..<record + 1)
        Issue.record("\(record) must be refused")
      } catch {
        guard case .damaged(.index, offset: _, .checksum) = error else { throw error }
      }
    }
    #expect(try reader.read(3..<4) == [ids[3]])
    let verification = try StoreVerification.verify(path: path)
    #expect(verification.failures.count == 1, "the blocks are found without the index")
    #expect(verification.failures[0].message.hasPrefix("index at offset"))
    #expect(verification.records == 2000)
  }

  /// Two pages with right sums in each other's place.
  @Test func swappedPagesAreRefused() throws {
    var forge = try store()
    let (first, second) = (forge.indexPlace(0), forge.indexPlace(511))
    for index in 0..<4096 { forge.bytes.swapAt(first + index, second + index) }
    try folder.write(forge.bytes, to: "i.rfx")
    #expect(throws: StoreError.self) { try TokenStore(path: path).makeReader().read(0..<1) }
    #expect(try !StoreVerification.verify(path: path).isValid)
  }
}
