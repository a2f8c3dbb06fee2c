import RefluxBytes

/// The steps of checking a block (SPEC.md, section 4.3).
extension BlockHeader {
  static func parse(_ bytes: RawSpan) throws(StoreFault) -> BlockHeader {
    let magic = bytes.littleEndianUInt32(at: 0)
    guard magic == StoreLimits.blockMagic else {
      throw .field(
        "magic", expected: String(StoreLimits.blockMagic, radix: 16),
        found: String(magic, radix: 16))
    }
    guard let codec = BlockCodec(rawValue: bytes.byte(at: 24)) else {
      throw .field("codec", expected: "0 or 1", found: "\(bytes.byte(at: 24))")
    }
    guard bytes.littleEndianUInt64(at: 24) >> 8 == 0 else {
      throw .field("a reserved byte", expected: "0", found: "another value")
    }
    let index = bytes.littleEndianUInt64(at: 8)
    guard let block = Int(exactly: index) else {
      throw .field("block number", expected: "less", found: "\(index)")
    }
    return BlockHeader(
      records: Int(bytes.littleEndianUInt32(at: 4)), block: block,
      storedBytes: Int(bytes.littleEndianUInt32(at: 16)),
      rawBytes: Int(bytes.littleEndianUInt32(at: 20)), codec: codec,
      checksum: bytes.littleEndianUInt64(at: 32))
  }

  func checkSizes(available: Int, isExact: Bool) throws(StoreFault) {
    guard isExact ? fileBytes == available : fileBytes <= available else {
      throw .cut(needed: fileBytes, available: available)
    }
    guard codec == .raw ? storedBytes == rawBytes : storedBytes < rawBytes else {
      throw .field("stored bytes", expected: "up to \(rawBytes)", found: "\(storedBytes)")
    }
  }

  func checkChecksum(_ block: RawSpan, seed: UInt64) throws(StoreFault) {
    var hash = XXH64(seed: seed)
    hash.update(block.extracting(first: 32))
    hash.update(block.extracting(droppingFirst: StoreLimits.blockHeaderBytes))
    let found = hash.digest()
    guard found == checksum else { throw .checksum(expected: checksum, found: found) }
  }

  func checkPlace(block: Int, records: Int?, of store: StoreHeader) throws(StoreFault) {
    guard self.block == block else {
      throw .field("block number", expected: "\(block)", found: "\(self.block)")
    }
    let allowed = records.map { $0...$0 } ?? 1...store.recordsPerBlock
    guard allowed.contains(self.records) else {
      let range = "\(allowed.lowerBound) to \(allowed.upperBound)"
      throw .field(
        "record count", expected: allowed.count == 1 ? "\(allowed.lowerBound)" : range,
        found: "\(self.records)")
    }
    let columns = self.records * store.recordBytes
    let limit = store.rawBytesLimit(records: self.records)
    guard (columns...limit).contains(rawBytes), (rawBytes - columns) % 4 == 0 else {
      throw .field("raw bytes", expected: "\(columns) to \(limit)", found: "\(rawBytes)")
    }
  }
}
