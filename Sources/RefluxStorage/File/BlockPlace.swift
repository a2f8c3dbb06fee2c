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
