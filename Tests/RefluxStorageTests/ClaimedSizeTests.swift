import Foundation
import RefluxBytes
import RefluxFiles
import RefluxStorage
import TestSupport
import Testing

/// Files that claim more than they hold: every checksum is right, and the rest is a hole.
@Suite struct ClaimedSizeTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("c.rfx") }

  /// The header of a real store, a hole, and a trailer with these numbers.
  ///
  /// - Parameter records: of a block, a byte each.
  private func forge(blocks: Int, documents: Int, recordsPerBlock records: Int) throws {
    _ = try StoreSamples.writeTokens(path, [[1, 2, 3]], vocabulary: 200, perBlock: records)
    let real = StoreForge(try FileSystem.readFile(path: path))
    let numbers = blocks + documents
    let indexBytes = 8 * numbers + 8 * ((numbers + 510) / 511)
    let indexOffset = real.firstBlock + 48 * blocks
    let size = indexOffset + indexBytes + 80
    var trailer = ByteWriter()
    for number in [blocks * records, blocks, documents, 0, indexOffset, indexBytes, 0, size] {
      trailer.write(UInt64(number))
    }
    let bytes = trailer.bytes
    trailer.write(XXH64.hash(bytes.rawSpan, seed: real.fileID))
    trailer.write(Array(real.bytes.suffix(8)))
    try folder.write(Array(real.bytes[..<real.firstBlock]), to: "c.rfx")
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.seek(toOffset: UInt64(size - 80))
    try file.write(contentsOf: Data(trailer.bytes))
    try file.close()
  }

  /// Room for what this one claims would take 550 GB.
  @Test func aClaimOfManyDocumentsIsRefusedAtTheFirstPage() throws {
    try forge(blocks: 1 << 20, documents: 1 << 36, recordsPerBlock: 1 << 16)
    let store = try TokenStore(path: path)
    #expect(store.documentCount == 1 << 36)
    let error = #expect(throws: StoreError.self) { try store.documentStarts() }
    guard case .damaged(.index, _, .checksum) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    // The memory of which blocks were checked is bounded as well.
    #expect(throws: StoreError.self) {
      _ = try store.makeReader(checksOnce: true).read(0..<1)
    }
  }

  /// A billion blocks of which the index says nothing.
  @Test func aClaimOfManyBlocksTakesNoMemoryForEach() throws {
    try forge(blocks: 1 << 34, documents: 1, recordsPerBlock: 1)
    let store = try TokenStore(path: path)
    #expect(store.readerBytes < 1 << 26)
    #expect(throws: StoreError.self) {
      _ = try store.makeReader(checksOnce: true).read(0..<1)
    }
  }

  @Test func theFirstThousandErrorsAreKeptAndTheRestCounted() throws {
    try forge(blocks: 1 << 10, documents: 1 << 20, recordsPerBlock: 1 << 10)
    let verification = try StoreVerification.verify(path: path)
    let pages = (1 << 20 + 1 << 10 + 510) / 511
    #expect(verification.failureCount >= pages && !verification.isValid)
    #expect(verification.failures.count == 1000)
    #expect(verification.failures[999].message.hasPrefix("index at offset"))
  }

  /// Blocks that lie in a hole are no reason to take memory for their records.
  @Test func documentsOfBlocksThatAreNotThereAreNotBelieved() throws {
    try forge(blocks: 4096, documents: 1, recordsPerBlock: 1 << 16)
    var bytes = try FileSystem.readFile(path: path)
    var forge = StoreForge(bytes)
    for block in 0..<4096 {
      forge.set(
        UInt64(forge.firstBlock + 48 * block), at: forge.indexPlace(block), width: 8)
    }
    forge.fixIndex()
    bytes = forge.bytes
    try folder.write(bytes, to: "c.rfx")
    let error = #expect(throws: StoreError.self) {
      try TokenStore(path: path).documentStarts()
    }
    guard case .damaged(.block, _, .field("magic", _, _)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// The numbers of a page with a right sum are nobody's word either.
  @Test(arguments: [UInt64.max, UInt64(Int.max), 1 << 62, 3])
  func aDocumentStartBeyondAllNumbersIsRefused(start: UInt64) throws {
    let documents: [[UInt32]] = (0..<3).map { [$0] }
    _ = try StoreSamples.writeTokens(path, documents, vocabulary: 200)
    var forge = StoreForge(try FileSystem.readFile(path: path))
    for place in 1...2 {
      forge.set(start, at: forge.indexPlace(forge.blockCount + place), width: 8)
    }
    forge.fixIndex()
    try folder.write(forge.bytes, to: "c.rfx")
    let store = try TokenStore(path: path)
    for record in 0..<3 { #expect(throws: StoreError.self) { try store.document(of: record) } }
    #expect(throws: StoreError.self) { try store.documentStarts() }
  }

  /// 16 GiB of counters would be needed for all ids of this vocabulary.
  @Test func statisticsOfTheLargestVocabularyTakeLittleMemory() throws {
    let ids: [UInt32] = [5, 1 << 31 - 1, 5, 0, 1 << 22, 1 << 31 - 1, 1 << 30, 5]
    _ = try StoreSamples.writeTokens(path, [ids], vocabulary: 1 << 31)
    let statistics = try TokenStatistics(TokenStore(path: path))
    #expect(statistics.differentIDs == 5 && statistics.records == 8)
    #expect(
      statistics.mostFrequent.map(\.id) == [5, 1 << 31 - 1, 0, 1 << 22, 1 << 30])
    #expect(statistics.mostFrequent.map(\.count) == [3, 2, 1, 1, 1])
  }
}
