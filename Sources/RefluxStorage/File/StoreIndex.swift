import RefluxBytes
import RefluxFiles

/// Where the blocks and documents of a sealed store start (SPEC.md, section 7).
///
/// Its pages are read and checked when they are needed, so that opening costs neither time nor
/// memory however long the store is.
package struct StoreIndex: Equatable {
  let offset: Int
  let blocks: Int
  let documents: Int
  let fileID: UInt64

  package static let pageBytes = 8 * StoreLimits.indexPageNumbers + 8

  init(_ trailer: StoreTrailer, fileID: UInt64) {
    offset = trailer.indexOffset
    blocks = trailer.blocks
    documents = trailer.documents
    self.fileID = fileID
  }

  /// The length of an index of `numbers` blocks and documents.
  package static func encodedBytes(numbers: Int) -> Int {
    let perPage = StoreLimits.indexPageNumbers
    return 8 * numbers + 8 * (numbers / perPage + (numbers % perPage == 0 ? 0 : 1))
  }

  /// The bytes of an index.
  static func encoded(offsets: [Int], documents: [Int], fileID: UInt64) -> [UInt8] {
    let numbers = offsets + documents
    var writer = ByteWriter(capacity: encodedBytes(numbers: numbers.count))
    let perPage = StoreLimits.indexPageNumbers
    for first in stride(from: 0, to: numbers.count, by: perPage) {
      let share = Array(numbers[first..<min(first + perPage, numbers.count)])
      writer.write(encoded(page: first / perPage, share, fileID: fileID))
    }
    return writer.bytes
  }

  /// The bytes of page `number`, which holds `numbers`.
  package static func encoded(page number: Int, _ numbers: [Int], fileID: UInt64) -> [UInt8] {
    var writer = ByteWriter(capacity: pageBytes)
    for value in numbers { writer.write(UInt64(value)) }
    let bytes = writer.bytes
    writer.write(XXH64.hash(bytes.rawSpan, seed: seed(page: UInt64(number), fileID)))
    return writer.bytes
  }

  private static func seed(page: UInt64, _ fileID: UInt64) -> UInt64 {
    fileID &+ 1 << 62 &+ page
  }

  /// The pages of the index, for a check of all of them.
  var pages: Int {
    (blocks + documents + StoreLimits.indexPageNumbers - 1) / StoreLimits.indexPageNumbers
  }

  /// Checks page `number`.
  ///
  /// - Throws: `damaged(.index, ...)`.
  func check(page number: Int, in file: RawSpan) throws(StoreError) {
    let start = offset + number * Self.pageBytes
    let total = blocks + documents
    let count = min(
      StoreLimits.indexPageNumbers, total - number * StoreLimits.indexPageNumbers)
    let bytes = file.extracting(start..<start + 8 * count)
    let stored = file.littleEndianUInt64(at: start + 8 * count)
    let found = XXH64.hash(bytes, seed: Self.seed(page: UInt64(number), fileID))
    guard stored == found else {
      throw .damaged(.index, offset: start, .checksum(expected: stored, found: found))
    }
  }

  /// Number `index` of a page that has been checked.
  func number(_ index: Int, in file: RawSpan) -> Int {
    Int(clamping: file.littleEndianUInt64(at: position(index)))
  }

  private func position(_ index: Int) -> Int {
    let (page, place) = index.quotientAndRemainder(dividingBy: StoreLimits.indexPageNumbers)
    return offset + page * Self.pageBytes + 8 * place
  }

  /// An error about number `index`.
  func fault(
    _ index: Int, _ name: String, expected: String, found: Int
  ) -> StoreError {
    .damaged(
      .index, offset: position(index), .field(name, expected: expected, found: "\(found)"))
  }
}
