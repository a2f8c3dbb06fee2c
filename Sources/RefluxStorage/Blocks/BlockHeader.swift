import RefluxBytes

/// The 48 bytes before a block's payload (SPEC.md, section 5.1).
package struct BlockHeader: Equatable {
  var records: Int
  package var block: Int
  package var storedBytes: Int
  package var rawBytes: Int
  package var codec: BlockCodec
  /// What the block's positions contribute to the fingerprint of their token store; 0 in token
  /// stores and where the tokens are not known.
  var tokensHash: UInt64 = 0
  /// XXH64, seeded with the file and the block, of the 40 bytes before it and the payload with
  /// its padding.
  var checksum: UInt64 = 0

  /// Bytes of the block in the file: header, payload and zeros up to a multiple of eight.
  package var fileBytes: Int { StoreLimits.blockHeaderBytes + StoreLimits.aligned(storedBytes) }

  /// The fields before the checksum.
  package func encodedPrefix() -> [UInt8] {
    var writer = ByteWriter(capacity: StoreLimits.blockHeaderBytes)
    writer.write(StoreLimits.blockMagic)
    writer.write(UInt32(records))
    writer.write(UInt64(block))
    writer.write(UInt32(storedBytes))
    writer.write(UInt32(rawBytes))
    writer.write(codec.rawValue)
    writer.pad(toMultipleOf: 32)
    writer.write(tokensHash)
    return writer.bytes
  }

  /// Checks the block that starts at `offset` of `file`, payload and all.
  ///
  /// - Parameters:
  ///   - end: the block must end here; nil where its own header decides.
  ///   - records: the records it must hold; nil accepts any number up to a full block.
  ///   - isChecked: that the checksum need not be computed.
  /// - Returns: the header; every size in it fits into the file and the format's limits.
  /// - Complexity: one pass over the stored bytes.
  static func check(
    _ file: RawSpan, offset: Int, end: Int?, block: Int, records: Int?, of store: StoreHeader,
    isChecked: Bool = false
  ) throws(StoreFault) -> BlockHeader {
    let available = (end ?? file.byteCount) - offset
    guard available >= StoreLimits.blockHeaderBytes else {
      throw .cut(needed: StoreLimits.blockHeaderBytes, available: available)
    }
    let header = try parse(file.extracting(offset..<offset + StoreLimits.blockHeaderBytes))
    try header.checkSizes(available: available, isExact: end != nil)
    if !isChecked {
      try header.checkChecksum(
        file.extracting(offset..<offset + header.fileBytes), seed: store.seed(block: block))
    }
    try header.checkPlace(block: block, records: records, of: store)
    return header
  }
}

/// How a block's payload is stored (SPEC.md, section 5.1).
package enum BlockCodec: UInt8, CaseIterable {
  case raw = 0
  case lz4 = 1
  case packed = 2
}
