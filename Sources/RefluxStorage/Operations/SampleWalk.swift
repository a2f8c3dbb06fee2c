import RefluxBytes
import RefluxFiles

/// A pass over the sets of a store, block by block; belongs to one thread.
final class SampleWalk {
  private let store: StoreSet
  /// Whether every rule of the sets is checked and their ids are brought into ascending order.
  private let isStrict: Bool
  private var decoder: SampleBlockDecoder
  /// The shard that the decoder was made for.
  private var shard = 0

  init(_ store: StoreSet, isStrict: Bool) {
    self.store = store
    self.isStrict = isStrict
    decoder = SampleBlockDecoder(store.header, store.shards[0].dictionary)
  }

  /// Calls `body` with the sets of every block that holds some of `records`, in their order.
  ///
  /// - Throws: what reading throws, and what `body` throws.
  func forEachBlock(
    of records: Range<Int>,
    _ body: (_ sets: SampleBlock, WalkedBlock) throws(StoreError) -> Void
  ) throws(StoreError) {
    let store = store
    try store.forEachBlock(of: records) { place throws(StoreError) in
      if place.shard != shard {
        shard = place.shard
        decoder = SampleBlockDecoder(place.file.header, place.file.dictionary)
      }
      try store.decoding(place) { () throws(StoreFault) in try decode(place) }
      try body(decoder.block, place)
    }
  }

  private func decode(_ place: WalkedBlock) throws(StoreFault) {
    let header = place.scanned.header
    let file = place.file.file
    try decoder.decode(file.bytes, offset: place.scanned.offset, header)
    if isStrict { try decoder.checkRules(header, first: place.firstRecord) }
  }

  /// In how many sets each id stands.
  ///
  /// - Parameter watch: called after each block with the records done; false stops.
  /// - Throws: what reading throws, and `stopped`.
  /// - Complexity: one pass over the store, 8 bytes per id.
  func frequencies(_ watch: (_ done: Int) -> Bool) throws(StoreError) -> [UInt64] {
    var frequencies = [UInt64](repeating: 0, count: store.header.vocabularySize)
    try forEachBlock(of: 0..<store.count) { sets, place throws(StoreError) in
      for pair in 0..<sets.pairs { frequencies[Int(sets.ids[pair])] += 1 }
      guard watch(place.records.upperBound) else { throw .stopped }
    }
    return frequencies
  }
}
