import RefluxFiles

/// A block that a pass over a store has reached.
struct WalkedBlock {
  /// The number of its shard, and the shard.
  var shard: Int
  var file: StoreFile
  var scanned: ScannedBlock
  /// The record of its first slot, in the whole store.
  var firstRecord: Int
  /// The slots that were asked for.
  var slots: Range<Int>

  /// Whether every record of the block was asked for.
  var isWhole: Bool { slots.count == scanned.header.records }
  /// The records of `slots`, in the whole store.
  var records: Range<Int> { firstRecord + slots.lowerBound..<firstRecord + slots.upperBound }
}

extension StoreSet {
  /// Calls `body` for every block that holds some of `records`, in their order; each has been
  /// checked, its content has not.
  func forEachBlock(
    of records: Range<Int>, _ body: (WalkedBlock) throws(StoreError) -> Void
  ) throws(StoreError) {
    for number in shards.indices {
      let start = starts[number]
      let wanted = records.clamped(to: start..<starts[number + 1])
      if wanted.isEmpty { continue }
      let shard = shards[number]
      let size = shard.header.recordsPerBlock
      var reader = IndexReader(shard)
      for block in (wanted.lowerBound - start) / size...(wanted.upperBound - 1 - start) / size {
        let scanned = try reading(number) { () throws(StoreError) in
          try shard.check(block: block, &reader)
        }
        let first = start + block * size
        let part = wanted.clamped(to: first..<first + scanned.header.records)
        try body(
          WalkedBlock(
            shard: number, file: shard, scanned: scanned, firstRecord: first,
            slots: part.lowerBound - first..<part.upperBound - first))
      }
    }
  }

  /// Runs a step that reads shard `number`; its errors name the shard, and say so where another
  /// process shortened the file.
  func reading<Value>(
    _ number: Int, _ body: () throws(StoreError) -> Value
  ) throws(StoreError) -> Value {
    do throws(StoreError) {
      return try body()
    } catch {
      throw naming(cause(of: error, shard: number), shard: number)
    }
  }

  /// The cause of an error: the file may have lost the bytes, or its medium may have failed.
  private func cause(of error: StoreError, shard number: Int) -> StoreError {
    do throws(FileError) {
      try shards[number].file.checkWhole()
      return error
    } catch {
      return .file(error)
    }
  }

  /// Decodes the content of a block; a fault is thrown as `damaged`, with the shard's name.
  func decoding(
    _ place: WalkedBlock, _ body: () throws(StoreFault) -> Void
  ) throws(StoreError) {
    try reading(place.shard) { () throws(StoreError) in
      do throws(StoreFault) {
        try body()
      } catch {
        throw .damaged(
          .block(place.scanned.header.block), offset: place.scanned.offset, error)
      }
    }
    // What was cut off while it was read is zeros.
    do {
      try place.file.file.checkWhole()
    } catch {
      throw naming(.file(error), shard: place.shard)
    }
  }
}
