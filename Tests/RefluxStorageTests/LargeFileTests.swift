import Foundation
import RefluxBytes
import RefluxFiles
import TestSupport
import Testing

@testable import RefluxStorage

/// Files of which only a few pages exist: record numbers above 2^32, offsets above 4 GiB, and an
/// index that nobody could read in time.
@Suite struct LargeFileTests {
  let folder = TemporaryFolder(isSmall: true)
  var path: String { folder.file("large.rfx") }

  /// A token store of which blocks, pages of the index and the trailer are written where a test
  /// wants them; everything else is a hole.
  struct SparseStore {
    let header: StoreHeader
    let file: FileHandle
    let records: Int
    let blocks: Int
    let documents: Int
    var blockBytes: Int { 48 + header.recordsPerBlock }
    var indexOffset: Int { header.firstBlock + blocks * blockBytes - (blockBytes - lastBytes) }
    var lastBytes: Int {
      48 + StoreLimits.aligned(records - (blocks - 1) * header.recordsPerBlock)
    }

    init(_ path: String, records: Int, documents: Int, first: Int = 0) throws {
      var configuration = TokenStoreConfiguration(vocabularySize: 256)
      configuration.firstPosition = first
      header = try StoreHeader.tokens(configuration, fileID: 99)
      #expect(header.recordsPerBlock == 65_536)
      (self.records, self.documents) = (records, documents)
      blocks = header.blockCount(records: records)
      try Data(header.encoded()).write(to: URL(fileURLWithPath: path))
      file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      try writeTrailer()
    }

    func write(_ bytes: [UInt8], at offset: Int) throws {
      try file.seek(toOffset: UInt64(offset))
      try file.write(contentsOf: Data(bytes))
    }

    private func writeTrailer() throws {
      var trailer = StoreTrailer()
      (trailer.records, trailer.blocks, trailer.documents) = (records, blocks, documents)
      trailer.indexOffset = indexOffset
      trailer.indexBytes = StoreIndex.encodedBytes(numbers: blocks + documents)
      trailer.fileBytes = indexOffset + trailer.indexBytes + 80
      try write(trailer.encoded(fileID: 99), at: trailer.fileBytes - 80)
    }

    /// Writes block `number`, of one id, without document starts.
    func writeBlock(_ number: Int, id: UInt8) throws {
      try write(encodedBlock(number, id: id), at: offset(of: number))
    }

    /// Writes the header of block `number`, whose ids stay a hole.
    func writeHead(_ number: Int) throws {
      try write(Array(encodedBlock(number, id: 0).prefix(48)), at: offset(of: number))
    }

    private func encodedBlock(_ number: Int, id: UInt8) throws -> [UInt8] {
      let first = number * header.recordsPerBlock
      let count = min(header.recordsPerBlock, records - first)
      let block = BlockHeader(
        records: count, block: number, storedBytes: count, rawBytes: count, codec: .raw)
      var bytes = block.encodedPrefix() + [UInt8](repeating: 0, count: 8)
      bytes += [UInt8](repeating: id, count: count)
      bytes += [UInt8](repeating: 0, count: block.fileBytes - bytes.count)
      var forge = StoreForge(header.encoded() + bytes)
      forge.fixBlock(at: header.encodedBytes, as: UInt64(number))
      return Array(forge.bytes[header.encodedBytes...])
    }

    func offset(of block: Int) -> Int { header.firstBlock + block * blockBytes }

    /// Writes page `number` of the index.
    func writePage(_ number: Int, document: (Int) -> Int) throws {
      let first = 511 * number
      let places = first..<min(first + 511, blocks + documents)
      let numbers = places.map { $0 < blocks ? offset(of: $0) : document($0 - blocks) }
      var page = [UInt8]()
      for number in numbers {
        page += (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
      }
      var writer = StoreForge(page + [UInt8](repeating: 0, count: 8))
      writer.set(pageHash(page, number), at: page.count, width: 8)
      try write(writer.bytes, at: indexOffset + 4096 * number)
    }

    private func pageHash(_ page: [UInt8], _ number: Int) -> UInt64 {
      XXH64.hash(page.rawSpan, seed: 99 &+ (1 << 62) &+ UInt64(number))
    }
  }

  @Test func recordsBeyond32Bits() throws {
    let records = 1 << 32 + 100
    let store = try SparseStore(path, records: records, documents: 3)
    #expect(store.blocks == 65_537)
    try store.writeBlock(65_535, id: 7)
    try store.writeBlock(65_536, id: 9)
    for page in 0...128 {
      try store.writePage(page) { [0, 1 << 31, 1 << 32 + 1][$0] }
    }
    let size = try FileSystem.size(path: path)
    #expect(size > 1 << 32)
    let tokens = try TokenStore(path: path)
    #expect(tokens.count == records)
    // Nearly all of it is a hole: it only claims to be as long.
    #expect(throws: StoreError.self) { try tokens.documentStarts() }
    for block in stride(from: 128, to: 65_535, by: 128) { try store.writeHead(block) }
    #expect(try tokens.documentStarts() == [0, 1 << 31, 1 << 32 + 1])
    let reader = tokens.makeReader()
    #expect(try reader.read(1 << 32 - 2..<1 << 32 + 2) == [7, 7, 9, 9])
    #expect(try reader.read(records - 1..<records) == [9])
    #expect(try reader.read(1 << 32 - 65_536..<1 << 32).allSatisfy { $0 == 7 })
    #expect(throws: StoreError.outOfRange(first: records, end: records + 1, count: records)) {
      try reader.read(records..<records + 1)
    }
    // A block that is a hole.
    #expect(throws: StoreError.self) { try reader.read(5..<6) }
  }

  /// The index of a store of a trillion tokens has 130 MB; opening reads none of it.
  @Test func openingReadsNoIndex() throws {
    let records = 1 << 40
    let store = try SparseStore(path, records: records, documents: 1000, first: 1 << 50)
    #expect(store.blocks == 1 << 24)
    let tokens = try TokenStore(path: path)
    #expect(try FileSystem.size(path: path) > 1 << 40)
    #expect(tokens.count == records && tokens.documentCount == 1000)
    #expect(tokens.firstPosition == 1 << 50)
    let inspection = try StoreInspection(path: path)
    #expect(inspection.records == records && inspection.blocks == 1 << 24)
    // The index is a hole, with no checksum that could be right.
    let reader = tokens.makeReader()
    let error = #expect(throws: StoreError.self) { try reader.read(0..<1) }
    guard case .damaged(.index, offset: store.indexOffset, .checksum) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    // One page and one block are enough for what lies in them.
    let block = 511 * 20_000 + 100
    try store.writePage(20_000) { $0 }
    try store.writeBlock(block, id: 3)
    let first = block * 65_536
    #expect(first > 1 << 39)
    #expect(try reader.read(first..<first + 65_536).allSatisfy { $0 == 3 })
  }
}
