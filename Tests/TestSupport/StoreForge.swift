import RefluxBytes

/// The bytes of a sealed store, changed at will and given matching checksums again.
///
/// Written from Formats/Store/SPEC.md and without the library's own reader, so that it can make
/// files that no writer would.
public struct StoreForge: Sendable {
  /// The whole file as it stands.
  public var bytes: [UInt8]

  /// Bytes before the payload of a block.
  public static let blockHeader = 48
  /// Numbers in a full page of the index.
  public static let pageNumbers = 511

  /// Starts from a sealed file; where things are is read from its own fields at each use.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The header's length with its checksum, as the header says.
  public var headerBytes: Int { Int(number(at: 12, width: 4)) }
  /// The length of the dictionary, as the header says.
  public var dictionaryBytes: Int { Int(number(at: 52, width: 4)) }
  /// Where the first block starts.
  public var firstBlock: Int { headerBytes + dictionaryBytes }
  /// The random number that seeds every checksum after the header.
  public var fileID: UInt64 { number(at: 16, width: 8) }
  /// Where the trailer starts: 80 bytes before the end.
  public var trailerOffset: Int { bytes.count - 80 }
  /// The number of blocks, as the trailer says.
  public var blockCount: Int { Int(number(at: trailerOffset + 8, width: 8)) }
  /// The number of documents, as the trailer says.
  public var documentCount: Int { Int(number(at: trailerOffset + 16, width: 8)) }
  /// Where the index starts, as the trailer says.
  public var indexOffset: Int { Int(number(at: trailerOffset + 32, width: 8)) }

  /// Where number `place` of the index stands: first the blocks, then the documents.
  public func indexPlace(_ place: Int) -> Int {
    indexOffset + place / Self.pageNumbers * 4096 + place % Self.pageNumbers * 8
  }

  /// Where block `index` starts, by the index.
  public func blockOffset(_ index: Int) -> Int { Int(number(at: indexPlace(index), width: 8)) }

  /// Where the payload of block `index` starts.
  public func payload(_ index: Int) -> Int { blockOffset(index) + Self.blockHeader }

  /// The stored size of block `index` with its header and padding.
  public func blockBytes(_ index: Int) -> Int {
    Self.blockHeader + (Int(number(at: blockOffset(index) + 16, width: 4)) + 7) / 8 * 8
  }

  /// The little-endian number of `width` bytes at `offset`.
  public func number(at offset: Int, width: Int) -> UInt64 {
    (0..<width).reversed().reduce(0) { $0 << 8 | UInt64(bytes[offset + $1]) }
  }

  /// Overwrites the number of `width` bytes at `offset`.
  public mutating func set(_ value: UInt64, at offset: Int, width: Int) {
    for index in 0..<width {
      bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
    }
  }

  /// Renews the header's checksum, unless its length leads out of the file.
  public mutating func fixHeader() {
    let end = headerBytes - 8
    guard end > 0, end + 8 <= bytes.count else { return }
    set(XXH64.hash(Array(bytes[..<end]).rawSpan), at: end, width: 8)
  }

  /// Renews the dictionary's checksum, unless its length leads out of the file.
  public mutating func fixDictionary() {
    let (start, end) = (headerBytes, firstBlock - 8)
    guard dictionaryBytes >= 8, start >= 0, end + 8 <= bytes.count else { return }
    let hash = XXH64.hash(Array(bytes[start..<end]).rawSpan, seed: fileID &- 1)
    set(hash, at: end, width: 8)
  }

  /// Gives the block at `offset` the checksum that block `index` of this file must have.
  public mutating func fixBlock(at offset: Int, as index: UInt64) {
    let header = Self.blockHeader
    guard offset >= 0, offset + header <= bytes.count else { return }
    let stored = Int(number(at: offset + 16, width: 4))
    let end = offset + header + (stored + 7) / 8 * 8
    guard end <= bytes.count else { return }
    var hash = XXH64(seed: fileID &+ index)
    hash.update(Array(bytes[offset..<offset + 40]).rawSpan)
    hash.update(Array(bytes[(offset + header)..<end]).rawSpan)
    set(hash.digest(), at: offset + 40, width: 8)
  }

  /// Renews the checksum of block `index` where the index says it is.
  public mutating func fixBlock(_ index: Int) {
    fixBlock(at: blockOffset(index), as: UInt64(index))
  }

  /// Renews the checksums of the index's pages, as many as the trailer's numbers ask for and lie
  /// before the trailer.
  public mutating func fixIndex() {
    let (start, end) = (number(at: trailerOffset + 32, width: 8), UInt64(trailerOffset))
    guard start < end else { return }
    let blocks = number(at: trailerOffset + 8, width: 8)
    let documents = number(at: trailerOffset + 16, width: 8)
    let room = (end - start) / 8
    var numbers = Int(min(room, min(blocks, room) + min(documents, room)))
    var (offset, page) = (Int(start), UInt64(0))
    while numbers > 0 {
      let count = min(numbers, Self.pageNumbers)
      guard offset + 8 * count + 8 <= trailerOffset else { return }
      let hash = XXH64.hash(
        Array(bytes[offset..<offset + 8 * count]).rawSpan, seed: fileID &+ (1 << 62) &+ page)
      set(hash, at: offset + 8 * count, width: 8)
      (offset, page, numbers) = (offset + 8 * count + 8, page + 1, numbers - count)
    }
  }

  /// Renews the trailer's checksum.
  public mutating func fixTrailer() {
    let start = trailerOffset
    let hash = XXH64.hash(Array(bytes[start..<start + 64]).rawSpan, seed: fileID)
    set(hash, at: start + 64, width: 8)
  }
}
