import RefluxBytes
internal import RefluxTargets

/// Reading a header that is not trusted yet (SPEC.md, section 3.4).
extension StoreHeader {
  /// Reads and checks the header at the start of `file`.
  ///
  /// - Throws: `empty`, `notAStore`, `convertedLineEnds`, `unsupportedVersion`,
  ///   `unsupportedFeatures` or `damaged(.header, ...)`.
  init(file: RawSpan) throws(StoreError) {
    try Self.checkMagic(file)
    let bytes = try Self.checkedBytes(file)
    let features = bytes.littleEndianUInt32(at: 48)
    guard features & ~StoreLimits.targetFeature == 0 else { throw .unsupportedFeatures(features) }
    guard let kind = RecordKind(rawValue: bytes.byte(at: 10)) else {
      throw Self.fault(10, "record kind", expected: "1 or 2", found: bytes.byte(at: 10))
    }
    self.kind = kind
    fileID = bytes.littleEndianUInt64(at: 16)
    firstPosition = Int(clamping: bytes.littleEndianUInt64(at: 24))
    recordsPerBlock = Int(bytes.littleEndianUInt32(at: 32))
    vocabularySize = Int(bytes.littleEndianUInt32(at: 40))
    knownVocabulary = Int(bytes.littleEndianUInt32(at: 44))
    hasDictionary = bytes.littleEndianUInt32(at: 52) != 0
    schema = StoreSchema(fields: try Self.fields(bytes))
    provenance = try Self.provenance(bytes, textStart: schema.fields.count)
    try provenance.takeTarget(features, hasPower: schema.extras.contains(.power))
    try checkNumbers()
    try checkVocabulary()
    try checkSchema()
    try checkTarget()
    try checkRecords(stated: Int(bytes.littleEndianUInt32(at: 36)))
    try checkDictionary(stated: Int(bytes.littleEndianUInt32(at: 52)))
    guard encoded() == [UInt8](bytes) else {
      throw Self.fault(
        0, "a reserved byte or the order of the texts", expected: "0 and ascending",
        found: "another")
    }
  }

  /// An error in the field at `offset` of the header.
  static func fault(
    _ offset: Int, _ name: String, expected: String, found: some CustomStringConvertible
  ) -> StoreError {
    .damaged(.header, offset: offset, .field(name, expected: expected, found: "\(found)"))
  }

  private static let headerLeastBytes = StoreLimits.headerFixedBytes + 8

  private static func checkMagic(_ file: RawSpan) throws(StoreError) {
    if file.byteCount == 0 { throw .empty }
    let start = [UInt8](file.extracting(first: 8))
    if start == StoreLimits.magic { return }
    if start.count < 8, StoreLimits.magic.starts(with: start) {
      throw .damaged(
        .header, offset: 0, .cut(needed: headerLeastBytes, available: file.byteCount))
    }
    // What is left of the magic after CR LF became LF, LF became CR LF, or bit 8 was lost.
    if start.starts(with: [0x89, 0x52, 0x46, 0x58]) || start.starts(with: [0x09, 0x52, 0x46]) {
      throw .convertedLineEnds
    }
    throw .notAStore(start: start)
  }

  /// The header's bytes, once version, length and checksum are right.
  @_lifetime(copy file)
  private static func checkedBytes(_ file: RawSpan) throws(StoreError) -> RawSpan {
    let smallest = headerLeastBytes
    guard file.byteCount >= smallest else {
      throw .damaged(.header, offset: 0, .cut(needed: smallest, available: file.byteCount))
    }
    let version = file.littleEndianUInt16(at: 8)
    guard version == StoreLimits.version else { throw .unsupportedVersion(Int(version)) }
    let size = Int(file.littleEndianUInt32(at: 12))
    guard (smallest...StoreLimits.headerMaximumBytes).contains(size), size % 8 == 0 else {
      throw fault(
        12, "header length",
        expected: "a multiple of 8 up to \(StoreLimits.headerMaximumBytes)", found: size)
    }
    guard size <= file.byteCount else {
      throw .damaged(.header, offset: 0, .cut(needed: size, available: file.byteCount))
    }
    let stored = file.littleEndianUInt64(at: size - 8)
    let found = XXH64.hash(file.extracting(first: size - 8))
    guard stored == found else {
      throw .damaged(.header, offset: size - 8, .checksum(expected: stored, found: found))
    }
    return file.extracting(first: size)
  }

  private static func fields(_ bytes: RawSpan) throws(StoreError) -> [StoreField] {
    let count = Int(bytes.byte(at: 11))
    let end = StoreLimits.headerFixedBytes + count * StoreLimits.fieldBytes
    guard (1...StoreLimits.maximumFields).contains(count), end + 8 <= bytes.byteCount else {
      throw fault(11, "field count", expected: "1 to \(StoreLimits.maximumFields)", found: count)
    }
    var fields: [StoreField] = []
    for index in 0..<count {
      let start = StoreLimits.headerFixedBytes + index * StoreLimits.fieldBytes
      let name = [UInt8](bytes.extracting(start..<start + 8)).prefix { $0 != 0 }
      guard let element = StoreField.Element(rawValue: bytes.byte(at: start + 9)) else {
        throw fault(start + 9, "field type", expected: "0 to 2", found: bytes.byte(at: start + 9))
      }
      fields.append(
        StoreField(
          name: String(decoding: name, as: UTF8.self), width: Int(bytes.byte(at: start + 8)),
          element: element, count: Int(bytes.littleEndianUInt32(at: start + 12))))
    }
    return fields
  }

  private static func provenance(
    _ bytes: RawSpan, textStart fields: Int
  ) throws(StoreError) -> StoreProvenance {
    var result = StoreProvenance()
    result.tokenizerHash = bytes.littleEndianUInt64(at: 56)
    result.tokensHash = bytes.littleEndianUInt64(at: 64)
    result.teacherHash = bytes.littleEndianUInt64(at: 72)
    result.seed = bytes.littleEndianUInt64(at: 80)
    result.tau = Double(bitPattern: bytes.littleEndianUInt64(at: 88))
    result.rounds = Int(bytes.littleEndianUInt32(at: 96))
    result.contextLength = Int(bytes.littleEndianUInt32(at: 100))
    result.stride = Int(bytes.littleEndianUInt32(at: 104))
    result.created = Int(clamping: bytes.littleEndianUInt64(at: 112))
    let start = StoreLimits.headerFixedBytes + fields * StoreLimits.fieldBytes
    let count = Int(bytes.littleEndianUInt32(at: 108))
    guard count <= bytes.byteCount - 8 - start,
      let texts = StoreTexts(bytes.extracting(start..<start + count))
    else {
      throw fault(
        108, "a text", expected: "UTF-8 under a key within the header", found: "something else")
    }
    result.texts = texts
    return result
  }
}
