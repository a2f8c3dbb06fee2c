import RefluxFiles

/// A pass over the tokens of a store, block by block; belongs to one thread.
final class TokenWalk {
  private let store: StoreSet
  private var decoder: TokenBlockDecoder
  /// The shard that the decoder was made for.
  private var shard = 0

  init(_ store: StoreSet) {
    self.store = store
    decoder = TokenBlockDecoder(store.header)
  }

  /// Calls `body` with every block that holds some of `records`, in their order: its ids and the
  /// slots at which documents start.
  ///
  /// - Throws: what reading throws, and what `body` throws.
  func forEachBlock(
    of records: Range<Int>,
    _ body: (_ ids: [UInt32], _ documents: [Int], WalkedBlock) throws(StoreError) -> Void
  ) throws(StoreError) {
    let store = store
    try store.forEachBlock(of: records) { place throws(StoreError) in
      if place.shard != shard {
        shard = place.shard
        decoder = TokenBlockDecoder(place.file.header)
      }
      try store.decoding(place) { () throws(StoreFault) in
        try decoder.decode(place.file.file, place.scanned)
      }
      try body(decoder.ids, decoder.documentSlots, place)
    }
  }
}
