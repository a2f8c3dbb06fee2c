internal import RefluxBytes
internal import RefluxFiles
internal import RefluxStorage

/// The parts of a store of any size, for those who measure what opening a large one costs.
///
/// Made from a real store: its header, its dictionary, and a block of average size in the first
/// place and in the last one. The index and the trailer are whole and right; of the blocks between
/// there is nothing, which a file with holes holds in no space at all. Opening, the first and the
/// last block are those of a sealed store; a reader must refuse the blocks between.
struct SimulatedStore {
  private let model: StoreFile
  /// The block that stands for all of them, and where it lies in the model.
  private let block: ScannedBlock
  /// Where the first block starts.
  private let firstBlock: Int
  /// Blocks that the index names.
  let blocks: Int

  /// As many blocks as fit into `bytes` in all and `limit` of the index, at least two.
  ///
  /// - Parameter model: a store of one file with at least two blocks.
  /// - Complexity: one pass over the model.
  init(
    like model: SampleStore, bytes: Int, indexBytes limit: Int = .max
  ) throws(StoreError) {
    let file = model.store.shards[0]
    self.model = file
    block = try Self.average(file)
    firstBlock = file.header.firstBlock
    // A number of the index for each block, and a hash for each page.
    let entry = 8 + 8 / Double(StoreLimits.indexPageNumbers)
    let room = Double(bytes - firstBlock - StoreLimits.trailerBytes - 8)
    let fitting = min(room / (Double(block.header.fileBytes) + entry), Double(limit) / entry)
    blocks = max(2, Int(fitting))
  }

  /// The full block whose size is nearest to the mean.
  private static func average(_ file: StoreFile) throws(StoreError) -> ScannedBlock {
    let full = file.trailer.records / file.header.recordsPerBlock
    precondition(full >= 1, "the model needs a full block")
    var reader = IndexReader(file)
    var blocks: [ScannedBlock] = []
    for number in 0..<full { blocks.append(try file.check(block: number, &reader)) }
    let mean = blocks.reduce(0) { $0 + $1.header.fileBytes } / full
    let distance = { (block: ScannedBlock) in abs(block.header.fileBytes - mean) }
    return blocks.min { distance($0) < distance($1) } ?? blocks[0]
  }

  /// Records of the store.
  var records: Int { blocks * model.header.recordsPerBlock }
  /// The length of the index.
  var indexBytes: Int { StoreIndex.encodedBytes(numbers: blocks) }
  /// The size of the whole file.
  var fileBytes: Int { indexOffset + indexBytes + StoreLimits.trailerBytes }

  private var indexOffset: Int { start(of: blocks) }
  private func start(of number: Int) -> Int { firstBlock + number * block.header.fileBytes }

  /// Gives out the parts of the file from its start to its end, each with its offset.
  ///
  /// - Complexity: one pass over the index, a few MB of it at a time.
  func write(_ body: (Int, [UInt8]) throws -> Void) throws {
    let mapped = model.file
    try body(0, [UInt8](mapped.bytes.extracting(first: firstBlock)))
    for number in [0, blocks - 1] { try body(start(of: number), encoded(block: number)) }
    let pages = (blocks + StoreLimits.indexPageNumbers - 1) / StoreLimits.indexPageNumbers
    let share = 1024
    for first in stride(from: 0, to: pages, by: share) {
      let offset = indexOffset + first * StoreIndex.pageBytes
      try body(offset, index(pages: first..<min(first + share, pages)))
    }
    try body(indexOffset + indexBytes, trailer.encoded(fileID: model.header.fileID))
  }

  /// The block under another number.
  private func encoded(block number: Int) -> [UInt8] {
    let mapped = model.file
    var header = block.header
    let payload = mapped.bytes.extracting(block.offset..<block.offset + header.fileBytes)
      .extracting(droppingFirst: StoreLimits.blockHeaderBytes)
    header.block = number
    let prefix = header.encodedPrefix()
    var hash = XXH64(seed: model.header.seed(block: number))
    hash.update(prefix.rawSpan)
    hash.update(payload)
    var writer = ByteWriter(capacity: header.fileBytes)
    writer.write(prefix)
    writer.write(hash.digest())
    writer.write(payload)
    return writer.bytes
  }

  private func index(pages: Range<Int>) -> [UInt8] {
    var writer = ByteWriter(capacity: pages.count * StoreIndex.pageBytes)
    for page in pages {
      let first = page * StoreLimits.indexPageNumbers
      let numbers = (first..<min(first + StoreLimits.indexPageNumbers, blocks)).map(start)
      writer.write(StoreIndex.encoded(page: page, numbers, fileID: model.header.fileID))
    }
    return writer.bytes
  }

  private var trailer: StoreTrailer {
    var trailer = model.trailer
    trailer.fingerprint = 0
    trailer.records = records
    trailer.blocks = blocks
    trailer.compressedBlocks = block.header.codec == .raw ? 0 : blocks
    trailer.indexOffset = indexOffset
    trailer.indexBytes = indexBytes
    trailer.fileBytes = fileBytes
    return trailer
  }
}
