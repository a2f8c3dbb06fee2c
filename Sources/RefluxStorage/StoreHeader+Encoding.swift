import RefluxBytes

/// The header's bytes (SPEC.md, section 3).
extension StoreHeader {
  /// The whole header with its checksum; the length is a multiple of eight.
  func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 512)
    let size = encodedBytes
    writer.write(StoreLimits.magic)
    writer.write(StoreLimits.version)
    writer.write(kind.rawValue)
    writer.write(UInt8(schema.fields.count))
    writer.write(UInt32(size))
    writer.write(fileID)
    writer.write(UInt32(recordsPerBlock))
    writer.write(UInt32(recordBytes))
    writer.write(UInt32(vocabularySize))
    writer.write(UInt32(0))
    encodeProvenance(&writer)
    for field in schema.fields { Self.encode(field, &writer) }
    writer.write(provenance.teacher)
    writer.write(provenance.estimator)
    writer.pad(toMultipleOf: 8)
    let bytes = writer.bytes
    writer.write(XXH64.hash(bytes.rawSpan))
    return writer.bytes
  }

  /// The length of `encoded()` in bytes.
  var encodedBytes: Int {
    let texts = provenance.teacher.utf8.count + provenance.estimator.utf8.count
    let fields = schema.fields.count * StoreLimits.fieldBytes
    return StoreLimits.aligned(StoreLimits.headerFixedBytes + fields + texts) + 8
  }

  private func encodeProvenance(_ writer: inout ByteWriter) {
    writer.write(provenance.tokenizerHash)
    writer.write(provenance.tokensHash)
    writer.write(UInt32(provenance.rounds))
    writer.write(UInt32(provenance.contextLength))
    writer.write(provenance.tau)
    writer.write(provenance.seed)
    writer.write(UInt32(provenance.stride))
    writer.write(UInt16(provenance.teacher.utf8.count))
    writer.write(UInt16(provenance.estimator.utf8.count))
  }

  private static func encode(_ field: StoreField, _ writer: inout ByteWriter) {
    writer.write(field.name)
    writer.pad(toMultipleOf: 8)
    writer.write(UInt8(field.width))
    writer.write(UInt8(field.isFloat ? 1 : 0))
    writer.write(UInt16(0))
    writer.write(UInt32(field.count))
  }
}
