import RefluxBytes

/// The header's bytes (SPEC.md, section 3).
extension StoreHeader {
  /// The whole header with its checksum; the length is a multiple of eight.
  func encoded() -> [UInt8] {
    var writer = ByteWriter(capacity: 512)
    writer.write(StoreLimits.magic)
    writer.write(StoreLimits.version)
    writer.write(kind.rawValue)
    writer.write(UInt8(schema.fields.count))
    writer.write(UInt32(encodedBytes))
    writer.write(fileID)
    writer.write(UInt64(firstPosition))
    for size in [recordsPerBlock, recordBytes, vocabularySize, knownVocabulary] {
      writer.write(UInt32(size))
    }
    writer.write(provenance.features)
    writer.write(UInt32(dictionaryBytes))
    let texts = provenance.texts.encoded()
    encodeProvenance(&writer, textBytes: texts.count)
    for field in schema.fields { Self.encode(field, &writer) }
    writer.write(texts)
    writer.pad(toMultipleOf: 8)
    let bytes = writer.bytes
    writer.write(XXH64.hash(bytes.rawSpan))
    return writer.bytes
  }

  /// The length of `encoded()` in bytes.
  var encodedBytes: Int {
    let fields = schema.fields.count * StoreLimits.fieldBytes
    let texts = provenance.texts.encodedBytes
    return StoreLimits.aligned(StoreLimits.headerFixedBytes + fields + texts) + 8
  }

  private func encodeProvenance(_ writer: inout ByteWriter, textBytes: Int) {
    writer.write(provenance.tokenizerHash)
    writer.write(provenance.tokensHash)
    writer.write(provenance.teacherHash)
    writer.write(provenance.seed)
    writer.write(provenance.tau)
    let numbers = [provenance.rounds, provenance.contextLength, provenance.stride, textBytes]
    for number in numbers { writer.write(UInt32(number)) }
    writer.write(UInt64(provenance.created))
  }

  private static func encode(_ field: StoreField, _ writer: inout ByteWriter) {
    writer.write(field.name)
    writer.pad(toMultipleOf: 8)
    writer.write(UInt8(field.width))
    writer.write(field.element.rawValue)
    writer.write(UInt16(0))
    writer.write(UInt32(field.count))
  }
}
