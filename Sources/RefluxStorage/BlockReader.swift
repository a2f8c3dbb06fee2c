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

  /// The elements of a field of 1, 2 or 4 bytes for `slots` of the current block.
  @_lifetime(borrow self)
  func elements(_ field: Int, slots: Range<Int>) -> RawSpan {
    unsafe _overrideLifetime(decoder.elements(field, slots: slots), borrowing: self)
  }

  /// Widens the elements of an integer field for `slots` of the current block; see `BlockDecoder`.
  func widen(
    _ field: Int, slots: Range<Int>, into target: inout MutableSpan<UInt32>, at first: Int
  ) -> UInt32 {
    decoder.widen(field, slots: slots, into: &target, at: first)
  }

  /// An error about a record of a loaded block.
  func fault(record: Int, _ fault: RecordFault) -> StoreError {
    let number = record / store.header.recordsPerBlock
    let offset = store.start(ofBlock: number)
    return .damaged(.block(number), offset: offset, .record(record, fault))
  }
}
