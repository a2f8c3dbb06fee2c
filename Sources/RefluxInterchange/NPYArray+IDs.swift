internal import RefluxBytes

extension NPYArray {
  /// Reads some of the elements as token ids.
  ///
  /// - Parameters:
  ///   - range: Which elements, in C order over all axes.
  ///   - bytes: The whole file that this array was parsed from.
  ///   - vocabularySize: The number of tokens; every id must be below it.
  ///   - ids: Where they go; at least `range.count` long.
  /// - Throws: `InterchangeError.notAnID` for the first element that is negative or beyond the
  ///   vocabulary, named by its index in the whole array.
  /// - Precondition: `range` is within the array, `bytes` is the file of this header.
  public func readIDs(
    _ range: Range<Int>, from bytes: RawSpan, vocabularySize: Int,
    into ids: inout MutableSpan<UInt32>
  ) throws(InterchangeError) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "elements out of the array")
    precondition(bytes.byteCount == payload.upperBound, "bytes of another file")
    precondition(ids.count >= range.count, "too little room for the ids")
    let width = elementType.byteWidth
    let limit = UInt64(clamping: vocabularySize)
    for (place, index) in range.enumerated() {
      let element = bits(at: payload.lowerBound + index * width, in: bytes)
      guard element < limit, element <= UInt64(UInt32.max) else {
        throw .notAnID(index: index, value: shown(element), vocabularySize: vocabularySize)
      }
      ids[place] = UInt32(element)
    }
  }

  /// All elements as token ids; see ``readIDs(_:from:vocabularySize:into:)``.
  public func ids(
    from bytes: RawSpan, vocabularySize: Int
  ) throws(InterchangeError) -> [UInt32] {
    var ids = [UInt32](repeating: 0, count: count)
    var span = ids.mutableSpan
    try readIDs(0..<count, from: bytes, vocabularySize: vocabularySize, into: &span)
    return ids
  }

  /// All elements as whole numbers.
  ///
  /// - Parameter bytes: The whole file that this array was parsed from.
  /// - Throws: `InterchangeError.notAnID` for the first element beyond 63 bits.
  /// - Complexity: Linear; 8 bytes for each element.
  public func integers(from bytes: RawSpan) throws(InterchangeError) -> [Int] {
    precondition(bytes.byteCount == payload.upperBound, "bytes of another file")
    var integers: [Int] = []
    integers.reserveCapacity(count)
    for index in 0..<count {
      let element = bits(at: payload.lowerBound + index * elementType.byteWidth, in: bytes)
      guard elementType.isSigned || element <= UInt64(Int.max) else {
        throw .notAnID(index: index, value: shown(element), vocabularySize: .max)
      }
      integers.append(Int(truncatingIfNeeded: element))
    }
    return integers
  }

  /// The element at `offset`, sign-extended to 64 bits: a negative one is beyond every vocabulary.
  @inline(always)
  private func bits(at offset: Int, in bytes: RawSpan) -> UInt64 {
    switch elementType.byteWidth {
    case 1:
      let value = bytes.byte(at: offset)
      return extended(value, Int8(bitPattern: value))
    case 2:
      let value = ordered(bytes.littleEndianUInt16(at: offset))
      return extended(value, Int16(bitPattern: value))
    case 4:
      let value = ordered(bytes.littleEndianUInt32(at: offset))
      return extended(value, Int32(bitPattern: value))
    default:
      return ordered(bytes.littleEndianUInt64(at: offset))
    }
  }

  @inline(always)
  private func ordered<Value: FixedWidthInteger>(_ value: Value) -> Value {
    elementType.isBigEndian ? value.byteSwapped : value
  }

  @inline(always)
  private func extended(_ value: some UnsignedInteger, _ signed: some SignedInteger) -> UInt64 {
    elementType.isSigned ? UInt64(bitPattern: Int64(signed)) : UInt64(value)
  }

  private func shown(_ element: UInt64) -> String {
    elementType.isSigned ? "\(Int64(bitPattern: element))" : "\(element)"
  }
}
