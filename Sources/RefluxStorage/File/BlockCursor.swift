import RefluxBytes
import RefluxFiles

/// Finds the block of a record and checks it; belongs to one reader.
struct BlockCursor {
  let store: StoreSet
  /// The shard and the block that were found last.
  private(set) var shard: StoreFile
  private(set) var block = ScannedBlock(
    offset: 0, header: BlockHeader(records: 0, block: -1, storedBytes: 0, rawBytes: 0, codec: .raw))
  private var reader: IndexReader
  private var shardNumber = 0
  /// Blocks that need no second checksum; nil checks every time.
  private var checked: CheckedBlocks?
  /// The turn in which each shard was last compared with the file under its path.
  private var turns: [UInt32] = []
  private var turn: UInt32 = 0

  /// - Parameter checksOnce: whether a block's checksum is computed only the first time.
  init(_ store: StoreSet, checksOnce: Bool = false) {
    self.store = store
    shard = store.shards[0]
    reader = IndexReader(store.shards[0])
    if checksOnce { checked = CheckedBlocks(blocks: store.blocks) }
  }

  // MARK: Changes of the files

  /// From now on each shard is compared with the file under its path when it is first read from,
  /// and again after the next call.
  mutating func beginTurn() {
    if turns.isEmpty { turns = Array(repeating: 0, count: store.shards.count) }
    turn &+= 1
  }

  /// Makes the next read of every block compute its checksum.
  mutating func forgetChecks() { checked?.removeAll() }

  private mutating func checkUnchanged() throws(StoreError) {
    guard turn > 0, turns[shardNumber] != turn else { return }
    do throws(FileError) { try shard.file.checkUnchanged() } catch { throw .file(error) }
    turns[shardNumber] = turn
  }

  // MARK: Finding

  /// Where `record` lies; whoever asks has checked that the store has it.
  ///
  /// - Complexity: a search among the shards where it is in another one than the last.
  func place(of record: Int) -> BlockPlace {
    let starts = store.starts
    let isHere = starts[shardNumber] <= record && record < starts[shardNumber + 1]
    let number = isHere ? shardNumber : store.shard(of: record)
    let (start, shard) = (starts[number], store.shards[number])
    let (local, slot) = (record - start).quotientAndRemainder(
      dividingBy: shard.header.recordsPerBlock)
    let records = shard.records(inBlock: local)
    return BlockPlace(
      shard: number, block: local, key: store.blockStarts[number] + local, slot: slot,
      records: records.lowerBound + start..<records.upperBound + start)
  }

  /// Where a block lies in its file, unchecked; nil where the index does not say.
  mutating func extent(of place: BlockPlace) -> Range<Int>? {
    enter(place.shard)
    let file = shard.file
    return try? reader.extent(ofBlock: place.block, in: file.bytes)
  }

  private mutating func enter(_ number: Int) {
    if number == shardNumber { return }
    (shardNumber, shard) = (number, store.shards[number])
    reader = IndexReader(shard)
  }

  /// Checks a block and decodes it.
  ///
  /// - Parameter decode: takes over the block, whose header and checksum are right.
  /// - Throws: `damaged`, or `file` where the file is another one than was opened.
  /// - Complexity: one pass over the stored bytes, unless they were checked before.
  mutating func load(
    _ place: BlockPlace, times: ReadTimes?,
    decode: (StoreFile, ScannedBlock) throws(StoreFault) -> Void
  ) throws(StoreError) {
    enter(place.shard)
    do throws(StoreError) {
      try checkUnchanged()
      let isChecked = checked?[place.key] ?? false
      block = try shard.check(block: place.block, &reader, isChecked: isChecked)
      if !isChecked { checked?[place.key] = true }
      times?.endRead()
      try wrap(place.block) { () throws(StoreFault) in try decode(shard, block) }
    } catch {
      throw store.naming(cause(of: error, block: place.block), shard: place.shard)
    }
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

  // MARK: Errors

  /// Whether another process has shortened the file of the current block.
  ///
  /// - Complexity: a load; a system call for blocks that reach the last page, whose end may read as
  ///   zeros without any other sign.
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
    if case .file = error { return error }
    do throws(FileError) {
      if turn > 0, try changed() { return .file(.changed) }
      try shard.file.checkWhole()
      return error
    } catch .cut {
      let offset = block.header.block == number ? block.offset : 0
      return .damaged(.block(number), offset: offset, .vanished)
    } catch {
      return .file(error)
    }
  }

  /// Whether the file was written to and is still as long.
  ///
  /// - Throws: `gone`.
  private func changed() throws(FileError) -> Bool {
    do throws(FileError) {
      try shard.file.checkUnchanged()
      return false
    } catch .changed {
      return true
    } catch .cut {
      return false
    }
  }

  /// An error about a file that another process shortened.
  var vanished: StoreError {
    named(.damaged(.block(block.header.block), offset: block.offset, .vanished))
  }

  /// With the name of the current shard, where the store is a folder.
  private func named(_ error: StoreError) -> StoreError { store.naming(error, shard: shardNumber) }
}

/// Where a record lies in a store of one or several files.
struct BlockPlace {
  /// The file.
  let shard: Int
  /// The block's number in that file.
  let block: Int
  /// The block's number in the whole store.
  let key: Int
  /// The record's place in the block.
  let slot: Int
  /// The records of the block, as records of the whole store.
  let records: Range<Int>
}

/// Which blocks of a store a reader has checked already, one bit each for the first 2^28: what a
/// file says about its length takes no more memory than that.
struct CheckedBlocks {
  private var bits: [UInt64]

  init(blocks: Int) { bits = Array(repeating: 0, count: Self.bytes(blocks: blocks) / 8) }

  /// The memory for a store of `blocks` blocks, at most 32 MiB.
  static func bytes(blocks: Int) -> Int { (min(blocks, 1 << 28) + 63) / 64 * 8 }

  /// Whether a block has been checked; of one beyond those that are remembered always false.
  subscript(block: Int) -> Bool {
    get { block >> 6 < bits.count && bits[block >> 6] >> UInt64(block & 63) & 1 == 1 }
    set {
      if block >> 6 >= bits.count { return }
      let bit = UInt64(1) << UInt64(block & 63)
      if newValue { bits[block >> 6] |= bit } else { bits[block >> 6] &= ~bit }
    }
  }

  /// Forgets everything.
  mutating func removeAll() {
    for word in bits.indices { bits[word] = 0 }
  }
}
