import RefluxBytes
import RefluxFiles

/// Finds the block of a record and checks it; belongs to one reader.
struct BlockCursor {
  let store: StoreSet
  /// The shard and the block that were found last.
  private(set) var shard: StoreFile
  private(set) var block = ScannedBlock(
    offset: 0, header: BlockHeader(records: 0, block: -1, storedBytes: 0, rawBytes: 0, codec: .raw))
  /// The records of that block that are there, as records of the whole store.
  private(set) var records = 0..<0
  /// The first record of that block.
  private(set) var firstRecord = 0
  private var reader: IndexReader

  init(_ store: StoreSet) {
    self.store = store
    shard = store.shards[0]
    reader = IndexReader(store.shards[0])
  }

  /// Makes the block of `record` the current one; whoever asks has checked `record`.
  ///
  /// - Parameters:
  ///   - alone: that no other record of the block is wanted.
  ///   - decode: takes over the block, whose header and checksum are right; with the slot of the
  ///     record in it.
  /// Throws `damaged`. Cost: nothing if it already is, else one pass over the stored bytes.
  mutating func load(
    _ record: Int, alone: Bool = false,
    decode: (StoreFile, ScannedBlock, _ slot: Int) throws(StoreFault) -> Void
  ) throws(StoreError) {
    if records.contains(record) { return }
    records = 0..<0
    let number = store.shard(of: record)
    if store.shards[number] !== shard {
      shard = store.shards[number]
      reader = IndexReader(shard)
    }
    let start = store.starts[number]
    let (local, slot) = (record - start).quotientAndRemainder(
      dividingBy: shard.header.recordsPerBlock)
    do throws(StoreError) {
      block = try shard.check(block: local, &reader)
      try wrap(local) { () throws(StoreFault) in try decode(shard, block, slot) }
    } catch {
      throw store.naming(cause(of: error, block: local), shard: number)
    }
    let found = shard.records(inBlock: local)
    firstRecord = found.lowerBound + start
    if alone {
      records = record..<record + 1
      return
    }
    records = found.lowerBound + start..<found.upperBound + start
  }

  private func wrap(
    _ number: Int, _ body: () throws(StoreFault) -> Void
  ) throws(StoreError) {
    do {
      try body()
    } catch {
      throw .damaged(.block(number), offset: block.offset, error)
    }
  }

  /// Whether another process has shortened the file of the current block.
  ///
  /// Cost: a load; a system call for blocks that reach the last page, whose end may read as zeros
  /// without any other sign.
  var isCut: Bool {
    if shard.file.isCut { return true }
    let largestPage = 1 << 16
    if block.offset + block.header.fileBytes < shard.file.count - largestPage { return false }
    do {
      try shard.file.checkWhole()
      return false
    } catch {
      return true
    }
  }

  /// Why a block could not be read: its file may have lost it, or its medium may have failed.
  private func cause(of error: StoreError, block number: Int) -> StoreError {
    do throws(FileError) {
      try shard.file.checkWhole()
      return error
    } catch .cut {
      let offset = block.header.block == number ? block.offset : 0
      return .damaged(.block(number), offset: offset, .vanished)
    } catch {
      return .file(error)
    }
  }

  /// An error about a file that another process shortened.
  var vanished: StoreError {
    named(.damaged(.block(block.header.block), offset: block.offset, .vanished))
  }

  /// With the name of the current shard, where the store is a folder.
  private func named(_ error: StoreError) -> StoreError {
    store.shards.firstIndex { $0 === shard }.map { store.naming(error, shard: $0) } ?? error
  }

  /// An error about a record of the current block.
  func fault(record: Int, _ fault: RecordFault) -> StoreError {
    named(.damaged(.block(block.header.block), offset: block.offset, .record(record, fault)))
  }
}
