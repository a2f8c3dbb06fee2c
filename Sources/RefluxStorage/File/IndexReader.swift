import RefluxBytes
import RefluxFiles

/// Looks numbers up in the index of a store, checking each page when it is first used.
///
/// Belongs to one thread; remembers the page that was checked last.
package struct IndexReader {
  private let index: StoreIndex
  private let firstBlock: Int
  private let records: Int
  private let scannedBlocks: [Int]?
  private let isShard: Bool
  private var checkedPage = -1

  package init(_ store: StoreFile) {
    index = store.index
    firstBlock = store.header.firstBlock
    records = store.trailer.records
    scannedBlocks = store.scannedBlocks
    isShard = store.header.firstPosition > 0
  }

  /// Where block `number` lies in `file`: at least the length of a block's header.
  ///
  /// - Throws: `damaged(.index, ...)`.
  /// - Complexity: the hash of one page of 4 KiB where it is another one than before.
  mutating func extent(ofBlock number: Int, in file: RawSpan) throws(StoreError) -> Range<Int> {
    if let scannedBlocks { return scannedBlocks[number]..<scannedBlocks[number + 1] }
    let start = try load(number, file)
    let isLast = number + 1 == index.blocks
    let end = isLast ? index.offset : try load(number + 1, file)
    let isFirst = number == 0
    guard start % 8 == 0, isFirst ? start == firstBlock : start >= firstBlock,
      start <= index.offset
    else {
      throw index.fault(
        number, "offset of block \(number)",
        expected: isFirst
          ? "\(firstBlock)" : "a multiple of 8 in \(firstBlock)...\(index.offset)",
        found: start)
    }
    guard end % 8 == 0, end >= start + StoreLimits.blockHeaderBytes, end <= index.offset else {
      throw index.fault(
        min(number + 1, index.blocks - 1), "end of block \(number)",
        expected: "\(start + StoreLimits.blockHeaderBytes) to \(index.offset)", found: end)
    }
    return start..<end
  }

  /// The first record of document `number`.
  ///
  /// - Throws: `damaged(.index, ...)` also where it does not lie after that of the document before.
  mutating func start(ofDocument number: Int, in file: RawSpan) throws(StoreError) -> Int {
    let start = try load(index.blocks + number, file)
    let before = number == 0 ? -1 : try load(index.blocks + number - 1, file)
    guard start > before, start < records, number > 0 || start == 0 || isShard else {
      throw index.fault(
        index.blocks + number, "start of document \(number)",
        expected: "above \(before), below \(records)", found: start)
    }
    return start
  }

  private mutating func load(_ place: Int, _ file: RawSpan) throws(StoreError) -> Int {
    let page = place / StoreLimits.indexPageNumbers
    if page != checkedPage {
      try index.check(page: page, in: file)
      checkedPage = page
    }
    return index.number(place, in: file)
  }
}
