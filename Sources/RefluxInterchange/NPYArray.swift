internal import RefluxBytes

/// A NumPy `.npy` file of integers: what its header says, and where its elements are.
///
/// The value holds no elements: it reads them from the file's bytes on request, so that a mapped
/// file of any size costs no memory. Versions 1.0, 2.0 and 3.0 of the format are read, 1.0 is
/// written.
public struct NPYArray: Equatable, Sendable {
  /// The longest header that is read, in bytes; NumPy's own are below 10,000.
  public static let headerLimit = 1 << 16

  /// The width, sign and byte order of every element.
  public let elementType: NPYElementType
  /// The length of each axis, outermost first; empty for a single number.
  public let shape: [Int]
  /// Where the elements are, in bytes from the start of the file.
  public let payload: Range<Int>

  /// Reads and checks the header of a file.
  ///
  /// - Parameter bytes: The whole file, elements included.
  /// - Throws: `InterchangeError` where the header is not a NumPy header, the elements are not
  ///   integers or in Fortran order over several axes, or the file's length is not what the shape
  ///   asks for.
  /// - Complexity: Linear in the header alone.
  public init(parsing bytes: RawSpan) throws(InterchangeError) {
    let header = try NPYArray.header(of: bytes)
    guard let elementType = NPYElementType(descriptor: header.descriptor) else {
      throw .unsupported(
        part: "the array's element type", found: "'\(header.descriptor.prefix(20))'",
        supported: "integers u1, u2, u4, u8, i1, i2, i4, i8 of either byte order")
    }
    payload = try NPYArray.payload(of: header, width: elementType.byteWidth, bytes)
    self.elementType = elementType
    shape = header.shape
  }

  /// The number of elements.
  public var count: Int { payload.count / elementType.byteWidth }

  /// What a header says, and where the elements start.
  struct Header {
    var descriptor: String
    var shape: [Int]
    var isFortranOrder: Bool
    var start: Int
  }

  static func header(of bytes: RawSpan) throws(InterchangeError) -> Header {
    let (text, start) = try headerText(of: bytes)
    let header = try NPYHeaderParser(bytes.extracting(text))
    guard let descriptor = header.descriptor, let isFortranOrder = header.isFortranOrder,
      let shape = header.shape
    else {
      throw .malformed(
        part: "the array's header", found: "incomplete",
        expected: "the keys 'descr', 'fortran_order' and 'shape'")
    }
    return Header(
      descriptor: descriptor, shape: shape, isFortranOrder: isFortranOrder, start: start)
  }

  /// Where the elements are.
  ///
  /// - Throws: `InterchangeError` where they are in Fortran's order, or other bytes follow.
  static func payload(
    of header: Header, width: Int, _ bytes: RawSpan
  ) throws(InterchangeError) -> Range<Int> {
    guard !header.isFortranOrder || header.shape.count < 2 else {
      throw .unsupported(
        part: "the array's order", found: "Fortran's",
        supported: "C order; save numpy.ascontiguousarray(array)")
    }
    let end = try end(of: header.shape, width: width, start: header.start)
    guard bytes.byteCount >= end else {
      throw .truncated(
        part: "the array's elements", expectedBytes: end, foundBytes: bytes.byteCount)
    }
    guard bytes.byteCount == end else {
      throw .trailingBytes(expectedBytes: end, foundBytes: bytes.byteCount)
    }
    return header.start..<end
  }

  /// What every file starts with.
  static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

  static func startsAsArray(_ bytes: RawSpan) -> Bool {
    bytes.byteCount >= magic.count
      && magic.indices.allSatisfy { bytes.byte(at: $0) == magic[$0] }
  }

  /// Where the header's text stands, and where the elements start.
  private static func headerText(
    of bytes: RawSpan
  ) throws(InterchangeError) -> (text: Range<Int>, start: Int) {
    guard startsAsArray(bytes) else {
      throw .notThisFormat(
        expected: "a .npy file", found: bytes.byteCount == 0 ? "nothing" : "other bytes")
    }
    guard bytes.byteCount >= 12 else {
      throw .truncated(part: "the array's header", expectedBytes: 12, foundBytes: bytes.byteCount)
    }
    let (major, minor) = (bytes.byte(at: 6), bytes.byte(at: 7))
    guard (1...3).contains(major), minor == 0 else {
      throw .unsupported(
        part: "the array's version", found: "\(major).\(minor)", supported: "1.0, 2.0, 3.0")
    }
    let start = major == 1 ? 10 : 12
    let length =
      major == 1 ? Int(bytes.littleEndianUInt16(at: 8)) : Int(bytes.littleEndianUInt32(at: 8))
    guard length <= headerLimit else {
      throw .tooLarge(part: "the array's header", found: "\(length) bytes", limit: headerLimit)
    }
    guard bytes.byteCount - start >= length else {
      throw .truncated(
        part: "the array's header", expectedBytes: start + length, foundBytes: bytes.byteCount)
    }
    return (start..<start + length, start + length)
  }

  /// Where the elements of this shape end.
  private static func end(
    of shape: [Int], width: Int, start: Int
  ) throws(InterchangeError) -> Int {
    // An axis of length 0 makes the array empty whatever the others are.
    var size = shape.contains(0) ? 0 : width
    for axis in shape where size > 0 {
      let (product, overflows) = size.multipliedReportingOverflow(by: axis)
      guard !overflows, product < Int.max - start else {
        throw .tooLarge(
          part: "the array's shape", found: "\(shape) of \(width) bytes each", limit: Int.max)
      }
      size = product
    }
    return start + size
  }
}
