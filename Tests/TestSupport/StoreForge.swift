import RefluxBytes

/// The bytes of a sealed store, changed at will and given matching checksums again.
///
/// Written from Formats/Store/SPEC.md and without the library's own reader, so that it can make
/// files that no writer would.
public struct StoreForge: Sendable {
  /// The whole file as it stands.
  public var bytes: [UInt8]

  /// Starts from a sealed file; where things are is read from its own fields at each use.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The header's length with its checksum, as the header says.
  public var headerBytes: Int { Int(number(at: 12, width: 4)) }
  /// The random number that seeds every checksum behind the header.
  public var fileID: UInt64 { number(at: 16, width: 8) }
  /// Where the trailer starts: 80 bytes before the end.
  public var trailerOffset: Int { bytes.count - 80 }
  /// The number of blocks, as the trailer says.
  public var blockCount: Int { Int(number(at: trailerOffset + 8, width: 8)) }
  /// Where the index starts, as the trailer says.
  public var indexOffset: Int { Int(number(at: trailerOffset + 32, width: 8)) }

  /// Where block `index` starts, by the index.
  public func blockOffset(_ index: Int) -> Int {
    Int(number(at: indexOffset + 24 + 8 * index, width: 8))
  }

  /// The stored size of block `index` with its header and padding.
  public func blockBytes(_ index: Int) -> Int {
    40 + (Int(number(at: blockOffset(index) + 16, width: 4)) + 7) / 8 * 8
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

  /// Gives the block at `offset` the checksum that block `index` of this file must have.
  public mutating func fixBlock(at offset: Int, as index: Int) {
    guard offset >= 0, offset + 40 <= bytes.count else { return }
    let stored = Int(number(at: offset + 16, width: 4))
    let end = offset + 40 + (stored + 7) / 8 * 8
    guard end <= bytes.count else { return }
    var hash = XXH64(seed: fileID &+ UInt64(index))
    hash.update(Array(bytes[offset..<offset + 32]).rawSpan)
    hash.update(Array(bytes[(offset + 40)..<end]).rawSpan)
    set(hash.digest(), at: offset + 32, width: 8)
  }

  /// Renews the checksum of block `index` where the index says it is.
  public mutating func fixBlock(_ index: Int) {
    fixBlock(at: blockOffset(index), as: index)
  }

  /// Renews the index's checksum, unless its offset leads out of the file.
  public mutating func fixIndex() {
    let (start, end) = (indexOffset, trailerOffset - 8)
    guard start >= 0, start < end else { return }
    set(XXH64.hash(Array(bytes[start..<end]).rawSpan, seed: fileID), at: end, width: 8)
  }

  /// Renews the trailer's checksum.
  public mutating func fixTrailer() {
    let start = trailerOffset
    let hash = XXH64.hash(Array(bytes[start..<start + 64]).rawSpan, seed: fileID)
    set(hash, at: start + 64, width: 8)
  }
}
