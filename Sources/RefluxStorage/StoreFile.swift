import RefluxBytes
import RefluxFiles

/// A sealed store, mapped and checked as far as that needs no block.
final class StoreFile: Sendable {
  let file: MappedFile
  let header: StoreHeader
  let trailer: StoreTrailer
  let index: StoreIndex

  /// Opens `path`.
  ///
  /// - Parameter kind: what the records must be; nil accepts both.
  /// Throws what `StoreHeader`, `StoreTrailer` and `StoreIndex` throw, `unfinished` where only the
  /// partial file exists, and `wrongKind`.
  /// Cost: one pass over the index; no memory that grows with the file.
  init(path: String, kind: RecordKind?) throws(StoreError) {
    let file = try Self.map(path)
    let header = try StoreHeader(file: file.bytes)
    if let kind, kind != header.kind {
      throw .wrongKind(expected: kind, found: header.kind)
    }
    let trailer = try StoreTrailer.read(file.bytes, header)
    index = try StoreIndex(file.bytes, header, trailer)
    self.file = file
    self.header = header
    self.trailer = trailer
  }

  /// Maps a store's file; says so where only the partial one exists.
  static func map(_ path: String) throws(StoreError) -> MappedFile {
    do {
      return try MappedFile(path: path)
    } catch {
      if error.isMissing, FileSystem.exists(path: path + AtomicFile.partialSuffix) {
        throw .unfinished
      }
      throw .file(error)
    }
  }

  /// Where block `number` starts.
  func start(ofBlock number: Int) -> Int {
    let file = file
    return index.start(ofBlock: number, in: file.bytes)
  }

  /// The records of block `number`.
  func records(inBlock number: Int) -> Range<Int> {
    let first = number * header.recordsPerBlock
    return first..<min(first + header.recordsPerBlock, trailer.records)
  }

  /// Checks block `number` where it lies; see `BlockHeader.check`.
  func checkBlock(_ number: Int) throws(StoreError) -> BlockHeader {
    let file = file
    let bytes = file.bytes
    let start = index.start(ofBlock: number, in: bytes)
    do throws(StoreFault) {
      return try BlockHeader.check(
        bytes, offset: start, end: index.start(ofBlock: number + 1, in: bytes), block: number,
        records: records(inBlock: number).count, of: header)
    } catch {
      throw .damaged(.block(number), offset: start, error)
    }
  }

  /// `records` as the command names them, checked against the store.
  func check(_ records: Range<Int>) throws(StoreError) {
    guard records.lowerBound >= 0, records.upperBound <= trailer.records else {
      throw .outOfRange(
        first: records.lowerBound, end: records.upperBound, count: trailer.records)
    }
  }
}
