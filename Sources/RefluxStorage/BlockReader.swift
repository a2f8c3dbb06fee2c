import RefluxBytes
import RefluxFiles

/// Decodes blocks of a sealed store and keeps the last one.
final class BlockReader {
  let store: StoreFile
  private var decoder: BlockDecoder
  private var current: Int?

  init(_ store: StoreFile) {
    self.store = store
    decoder = BlockDecoder(store.header)
  }

  /// Makes block `number` the current one; nothing happens if it already is.
  ///
  /// Throws `damaged(.block, ...)`. Cost: one pass over the stored bytes and the decoding; no
  /// allocation.
  func load(_ number: Int) throws(StoreError) {
    if current == number { return }
    current = nil
    let file = store.file
    let header = try store.checkBlock(number)
    let offset = store.start(ofBlock: number)
    do throws(StoreFault) {
      try decoder.decode(file.bytes, offset: offset, header)
    } catch {
      throw .damaged(.block(number), offset: offset, error)
    }
    current = number
  }

  /// The elements of `field` for `slots` of the current block.
  @_lifetime(borrow self)
  func column(_ field: Int, slots: Range<Int>) -> RawSpan {
    guard let number = current else { preconditionFailure("no block is loaded") }
    let records = store.records(inBlock: number).count
    precondition(slots.lowerBound >= 0 && slots.upperBound <= records)
    let fields = store.header.schema.fields
    var start = 0
    for index in 0..<field { start += fields[index].bytes * records }
    let bytes = fields[field].bytes
    let range = start + slots.lowerBound * bytes..<start + slots.upperBound * bytes
    return unsafe _overrideLifetime(decoder.payload.extracting(range), borrowing: self)
  }

  /// The document starts of the current block, as 32-bit slots; empty in sample stores.
  @_lifetime(borrow self)
  func documentSlots() -> RawSpan {
    guard let number = current else { preconditionFailure("no block is loaded") }
    let columns = store.records(inBlock: number).count * store.header.recordBytes
    let starts = decoder.payload.extracting(droppingFirst: columns)
    return unsafe _overrideLifetime(starts, borrowing: self)
  }

  /// An error about a record of a loaded block.
  func fault(record: Int, _ fault: RecordFault) -> StoreError {
    let number = record / store.header.recordsPerBlock
    let offset = store.start(ofBlock: number)
    return .damaged(.block(number), offset: offset, .record(record, fault))
  }
}
