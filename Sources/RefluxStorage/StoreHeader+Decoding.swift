import RefluxBytes

/// Reading a header that nobody vouches for (SPEC.md, section 3.3).
extension StoreHeader {
  /// Reads and checks the header at the start of `file`.
  ///
  /// Throws `empty`, `notAStore`, `convertedLineEnds`, `unsupportedVersion`,
  /// `unsupportedFeatures` or `damaged(.header, ...)`.
  init(file: RawSpan) throws(StoreError) {
    try Self.checkMagic(file)
    let bytes = try Self.checkedBytes(file)
    let features = bytes.littleEndianUInt32(at: 36)
    guard features == 0 else { throw .unsupportedFeatures(features) }
    guard let kind = RecordKind(rawValue: bytes.byte(at: 10)) else {
      throw Self.fault(10, "record kind", expected: "1 or 2", found: bytes.byte(at: 10))
    }
    self.kind = kind
    fileID = bytes.littleEndianUInt64(at: 16)
    recordsPerBlock = Int(bytes.littleEndianUInt32(at: 24))
    vocabularySize = Int(bytes.littleEndianUInt32(at: 32))
    schema = StoreSchema(fields: try Self.fields(bytes))
    provenance = try Self.provenance(bytes)
    try checkVocabulary()
    try checkSchema()
    try checkRecords(stated: Int(bytes.littleEndianUInt32(at: 28)))
    guard encoded() == [UInt8](bytes) else {
      throw Self.fault(0, "a reserved byte", expected: "0", found: "another value")
    }
  }

  /// An error in the field at `offset` of the header.
  static func fault(
    _ offset: Int, _ name: String, expected: String, found: some CustomStringConvertible
  ) -> StoreError {
    .damaged(.header, offset: offset, .field(name, expected: expected, found: "\(found)"))
  }

  private static func checkMagic(_ file: RawSpan) throws(StoreError) {
    if file.byteCount == 0 { throw .empty }
    let start = [UInt8](file.extracting(first: 8))
    if start == StoreLimits.magic { return }
    // What is left of the magic after CR LF became LF, LF became CR LF, or bit 8 was lost.
    if start.starts(with: [0x89, 0x52, 0x46, 0x58]) || start.starts(with: [0x09, 0x52, 0x46]) {
      throw .convertedLineEnds
    }
    throw .notAStore(start: start)
  }

  /// The header's bytes, once version, length and checksum are right.
  @_lifetime(copy file)
  private static func checkedBytes(_ file: RawSpan) throws(StoreError) -> RawSpan {
    let smallest = StoreLimits.headerFixedBytes + 8
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
    return (0..<count).map { index in
      let start = StoreLimits.headerFixedBytes + index * StoreLimits.fieldBytes
      let name = [UInt8](bytes.extracting(start..<start + 8)).prefix { $0 != 0 }
      return StoreField(
        name: String(decoding: name, as: UTF8.self), width: Int(bytes.byte(at: start + 8)),
        isFloat: bytes.byte(at: start + 9) == 1,
        count: Int(bytes.littleEndianUInt32(at: start + 12)))
    }
  }

  private static func provenance(_ bytes: RawSpan) throws(StoreError) -> StoreProvenance {
    var reader = ByteReader(bytes)
    do throws(ByteError) {
      try reader.skip(40)
      var result = StoreProvenance()
      result.tokenizerHash = try reader.readUInt64()
      result.tokensHash = try reader.readUInt64()
      result.rounds = Int(try reader.readUInt32())
      result.contextLength = Int(try reader.readUInt32())
      result.tau = try reader.readDouble()
      result.seed = try reader.readUInt64()
      result.stride = Int(try reader.readUInt32())
      let teacher = Int(try reader.readUInt16())
      let estimator = Int(try reader.readUInt16())
      try reader.skip(Int(bytes.byte(at: 11)) * StoreLimits.fieldBytes)
      result.teacher = try reader.readText(teacher)
      result.estimator = try reader.readText(estimator)
      return result
    } catch {
      throw fault(84, "a name", expected: "UTF-8 within the header", found: "something else")
    }
  }
}
