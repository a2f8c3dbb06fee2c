import RefluxBytes

/// The steps of checking a block (SPEC.md, section 5.2).
extension BlockHeader {
  static func parse(_ bytes: RawSpan) throws(StoreFault) -> BlockHeader {
    let magic = bytes.littleEndianUInt32(at: 0)
    guard magic == StoreLimits.blockMagic else {
      throw .field(
        "magic", expected: String(StoreLimits.blockMagic, radix: 16),
        found: String(magic, radix: 16))
    }
    guard let codec = BlockCodec(rawValue: bytes.byte(at: 24)) else {
      throw .field("codec", expected: "0 to 2", found: "\(bytes.byte(at: 24))")
    }
    guard bytes.littleEndianUInt64(at: 24) >> 8 == 0 else {
      throw .field("a reserved byte", expected: "0", found: "another value")
    }
    let index = bytes.littleEndianUInt64(at: 8)
    guard let block = Int(exactly: index), block < StoreLimits.maximumBlocks else {
      throw .field(
        "block number", expected: "below \(StoreLimits.maximumBlocks)", found: "\(index)")
    }
    return BlockHeader(
      records: Int(bytes.littleEndianUInt32(at: 4)), block: block,
      storedBytes: Int(bytes.littleEndianUInt32(at: 16)),
      rawBytes: Int(bytes.littleEndianUInt32(at: 20)), codec: codec,
      tokensHash: bytes.littleEndianUInt64(at: 32),
      checksum: bytes.littleEndianUInt64(at: 40))
  }

  func checkSizes(available: Int, isExact: Bool) throws(StoreFault) {
    guard isExact ? fileBytes == available : fileBytes <= available else {
      throw .cut(needed: fileBytes, available: available)
    }
    let fits =
      switch codec {
      case .raw: storedBytes == rawBytes
      case .lz4: storedBytes < rawBytes
      case .packed: storedBytes >= PackedLayout.leastBytes
      }
    guard fits else {
      throw .field(
        "stored bytes", expected: "what fits \(rawBytes) raw ones", found: "\(storedBytes)")
    }
  }

  func checkChecksum(_ block: RawSpan, seed: UInt64) throws(StoreFault) {
    var hash = XXH64(seed: seed)
    hash.update(block.extracting(first: StoreLimits.blockHeaderBytes - 8))
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
    guard store.hasPosition(block: block, records: self.records) else {
      throw .field("block number", expected: "a position below 2^62", found: "\(block)")
    }
    guard codec != .packed || store.canPack else {
      throw .field("codec", expected: "0 or 1 in this store", found: "2")
    }
    guard tokensHash == 0 || store.provenance.tokensHash != 0 else {
      throw .field("tokens hash", expected: "0", found: hexadecimal(tokensHash))
    }
    try checkRawBytes(of: store)
  }

  private func checkRawBytes(of store: StoreHeader) throws(StoreFault) {
    let limit = store.rawBytesLimit(records: records)
    let least = records * (store.kind == .tokens ? store.recordBytes : store.fixedBytes)
    let step = store.kind == .tokens ? 4 : store.pairBytes
    guard (least...limit).contains(rawBytes), (rawBytes - least) % step == 0 else {
      throw .field(
        "raw bytes", expected: "\(least) to \(limit) in steps of \(step)", found: "\(rawBytes)")
    }
  }
}

extension StoreHeader {
  /// Whether packed blocks may occur.
  var canPack: Bool {
    hasDictionary && (isWeighted || provenance.rounds <= StoreLimits.maximumPackedRounds)
  }

  /// Whether the records of a block lie at positions that the format allows.
  fileprivate func hasPosition(block: Int, records: Int) -> Bool {
    let (start, overflows) = block.multipliedReportingOverflow(by: recordsPerBlock)
    return !overflows && start <= StoreLimits.maximumPosition - firstPosition - records + 1
  }

  /// Bytes of a sample record beside its pairs: the length and the optional fields.
  var fixedBytes: Int { schema.fields[0].bytes + 4 * (schema.fields.count - 3) }
  /// Bytes of an id and its count or weight in the columns.
  var pairBytes: Int { schema.fields[1].width + schema.fields[2].width }

  /// The pairs of a block of sample sets whose header has been checked.
  func pairs(of block: BlockHeader) -> Int {
    (block.rawBytes - block.records * fixedBytes) / pairBytes
  }
}
