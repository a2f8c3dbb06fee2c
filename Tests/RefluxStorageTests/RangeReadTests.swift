import RefluxFiles
import TestSupport
import Testing

@testable import RefluxStorage

/// Ranges of records by every way that a reader knows, against single records.
@Suite struct RangeReadTests {
  let folder = TemporaryFolder()
  static let capacity = 30

  /// A store of 5,000 sets of one to thirty ids in small blocks.
  private func makeSamples(_ encoding: SampleEncoding) throws -> SampleStore {
    var configuration = SampleStoreConfiguration(
      vocabularySize: 1_000, capacity: Self.capacity, provenance: StoreProvenance(rounds: 30))
    configuration.encoding = encoding
    configuration.recordsPerBlock = 37
    if encoding == .packed { configuration.frequencies = (0..<1_000).map { 1_000 - $0 } }
    let path = folder.file("\(encoding).rfx")
    let writer = try SampleStoreWriter(path: path, configuration: configuration)
    for record in 0..<5_000 {
      let length = 1 + record * 7 % Self.capacity
      var counts = [UInt32](repeating: 1, count: length)
      counts[0] += UInt32(30 - length)
      let ids = (0..<length).map { UInt32((record + $0 * 33) % 1_000) }.sorted()
      try writer.append(ids: ids.span, counts: counts.span)
    }
    _ = try writer.seal()
    return try SampleStore(path: path)
  }

  @Test(arguments: [SampleEncoding.plain, .packed], [0, 50_000, 1 << 22])
  func rangesHoldTheirRecords(encoding: SampleEncoding, cacheBytes: Int) throws {
    let store = try makeSamples(encoding)
    let (reader, single) = (store.makeReader(cacheBytes: cacheBytes), store.makeReader())
    var random = TestRandom(seed: 3)
    var offsets = [Int32](repeating: -1, count: 301)
    var ids = [UInt32](repeating: 0, count: 301 * Self.capacity)
    var weights = [Float](repeating: 0, count: 301 * Self.capacity)
    for turn in 0..<300 {
      let count = 1 + Int(random.next() % 300)
      let first = Int(random.next() % UInt64(5_000 - count))
      let start = turn % 2 == 0 ? 0 : 17
      var offsetSpan = offsets.mutableSpan
      var idSpan = ids.mutableSpan
      var weightSpan = weights.mutableSpan
      let end = try reader.read(
        first..<first + count, offsets: &offsetSpan, ids: &idSpan, weights: &weightSpan,
        from: start)
      #expect(Int(offsets[0]) == start && Int(offsets[count]) == end)
      for record in 0..<count {
        let range = Int(offsets[record])..<Int(offsets[record + 1])
        let expected = try single.record(first + record)
        let found = range.map { (ids[$0], weights[$0]) }.sorted { $0.0 < $1.0 }
        #expect(found.map(\.0) == expected.ids)
        #expect(found.map(\.1) == expected.counts.map { Float($0) / 30 })
      }
    }
  }

  @Test(arguments: [200, 60_000, 200_000]) func idsAndLabels(vocabulary: Int) throws {
    var random = TestRandom(seed: 5)
    // Half of it repeats, so that some blocks are compressed.
    let all = (0..<40_000).map { index in
      index < 20_000 ? UInt32(index % 10) : UInt32(random.next() % UInt64(vocabulary))
    }
    let path = folder.file("tokens.rfx")
    var configuration = TokenStoreConfiguration(vocabularySize: vocabulary)
    configuration.recordsPerBlock = 1_000
    let writer = try TokenStoreWriter(path: path, configuration: configuration)
    for start in stride(from: 0, to: all.count, by: 333) {
      let document = Array(all[start..<min(start + 333, all.count)])
      try writer.append(document: document.span)
    }
    _ = try writer.seal()
    let store = try TokenStore(path: path)
    for cacheBytes in [0, 1 << 20] {
      let reader = store.makeReader(cacheBytes: cacheBytes, checksOnce: cacheBytes > 0)
      var ids = [UInt32](repeating: 7, count: 3_000)
      var labels = ids
      for turn in 0..<300 {
        let count = Int(random.next() % 2_500)
        let first = turn == 0 ? 40_000 - count : Int(random.next() % UInt64(40_000 - count))
        let at = turn % 5
        if turn % 50 == 0 { reader.forgetChecks() }
        if turn % 9 == 0 { reader.beginTurn() }
        var idSpan = ids.mutableSpan
        var labelSpan = labels.mutableSpan
        try reader.read(first..<first + count, into: &idSpan, labels: &labelSpan, at: at)
        #expect(Array(ids[at..<at + count]) == Array(all[first..<first + count]))
        let next = (first + 1..<first + 1 + count).map { $0 < all.count ? all[$0] : 0 }
        #expect(Array(labels[at..<at + count]) == next)
        var starts: [Int] = []
        try reader.forEachDocument(in: first..<first + count) { starts.append($0) }
        #expect(starts == (first..<first + count).filter { $0 % 333 == 0 })
        reader.prefetch(first..<first + count)
      }
    }
    for record in [0, 1, 332, 333, 700, 39_999] {
      let document = try #require(try store.document(of: record))
      #expect(document.number == record / 333)
      #expect(document.records.contains(record))
      #expect(document.records.upperBound == min((record / 333 + 1) * 333, 40_000))
    }
  }

  @Test func slotsKeepWhatWasUsedLast() {
    #expect([0, 1, 3, 7, 8, 9, 13].map(SlotTable.count) == [1, 1, 3, 7, 8, 8, 12])
    var table = SlotTable(slots: 3)
    #expect(table.find(4) == nil)
    let slots = [4, 5, 6].map { table.claim($0) }
    #expect(Set(slots) == [0, 1, 2])
    #expect(table.find(4) == slots[0])
    #expect(table.claim(7) == slots[1])
    #expect(table.find(5) == nil && table.find(6) == slots[2])
    table.release(slots[0])
    #expect(table.find(4) == nil && table.claim(9) == slots[0])
  }
}
