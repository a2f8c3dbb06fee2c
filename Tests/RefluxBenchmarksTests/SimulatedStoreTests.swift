import Foundation
import RefluxFiles
import TestSupport
import Testing

@testable import RefluxBenchmarks
@testable import RefluxStorage

/// A store of holes opens as a real one does, and its two blocks are whole.
@Suite struct SimulatedStoreTests {
  let folder = TemporaryFolder()

  private func makeModel(_ encoding: SampleEncoding) throws -> SampleStore {
    var configuration = SampleStoreConfiguration(
      vocabularySize: 1000, capacity: 8, provenance: StoreProvenance(rounds: 8))
    configuration.encoding = encoding
    configuration.recordsPerBlock = 16
    let path = folder.file("model.rfx")
    let writer = try SampleStoreWriter(path: path, configuration: configuration)
    for record in 0..<100 {
      let ids: [UInt32] = [UInt32(record), UInt32(record + 300), 999]
      try writer.append(ids: ids, counts: [5, 2, 1])
    }
    _ = try writer.seal()
    return try SampleStore(path: path)
  }

  /// Writes the parts to their places in a file of zeros.
  private func write(_ simulated: SimulatedStore) throws -> String {
    var bytes = [UInt8](repeating: 0, count: simulated.fileBytes)
    var end = 0
    try simulated.write { offset, part in
      #expect(offset >= end)
      end = offset + part.count
      bytes.replaceSubrange(offset..<end, with: part)
    }
    #expect(end == bytes.count)
    let path = folder.file("simulated.rfx")
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  @Test(arguments: [SampleEncoding.plain, .packed], [0, 100_000, 3_000_000])
  func opensAndReadsItsEnds(encoding: SampleEncoding, bytes: Int) throws {
    let model = try makeModel(encoding)
    let simulated = try SimulatedStore(like: model, bytes: bytes)
    #expect(simulated.blocks >= 2)
    #expect(bytes == 0 || simulated.fileBytes <= bytes)
    #expect(bytes == 0 || simulated.fileBytes > bytes - 1000)
    let store = try SampleStore(path: try write(simulated))
    #expect(store.count == simulated.records)
    let reader = store.makeReader()
    for record in [0, 15, store.count - 16, store.count - 1] {
      let set = try reader.record(record)
      #expect(set.ids.last == 999)
      #expect(set.counts.reduce(0, +) == 8)
    }
    if simulated.blocks > 2 {
      #expect(throws: StoreError.self) { _ = try reader.record(16) }
    }
    let file = store.store.shards[0]
    let mapped = file.file
    for page in 0..<file.index.pages { try file.index.check(page: page, in: mapped.bytes) }
  }

  @Test func keepsItsIndexWithinALimit() throws {
    let simulated = try SimulatedStore(
      like: try makeModel(.plain), bytes: 1 << 40, indexBytes: 100_000)
    #expect((99_000...100_000).contains(simulated.indexBytes))
    #expect(simulated.fileBytes < 1 << 30)
  }
}
