/// A cursor over bytes that reads little-endian fields and refuses to pass the end.
///
/// Nothing is copied except text; a failed read leaves the cursor where it was.
public struct ByteReader: ~Escapable {
  /// All bytes, read and unread.
  public let bytes: RawSpan
  /// Where the next field starts, in bytes from the beginning.
  public private(set) var offset = 0

  /// Starts at the first of `bytes`, which must outlive the cursor.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) {
    self.bytes = bytes
  }

  /// The number of bytes not yet read.
  public var remaining: Int { bytes.byteCount - offset }

  /// Reads one byte.
  public mutating func readUInt8() throws(ByteError) -> UInt8 {
    bytes.byte(at: try advance(by: 1))
  }

  /// Reads a 16-bit number.
  public mutating func readUInt16() throws(ByteError) -> UInt16 {
    bytes.littleEndianUInt16(at: try advance(by: 2))
  }

  /// Reads a 32-bit number.
  public mutating func readUInt32() throws(ByteError) -> UInt32 {
    bytes.littleEndianUInt32(at: try advance(by: 4))
  }

  /// Reads a 64-bit number.
  public mutating func readUInt64() throws(ByteError) -> UInt64 {
    bytes.littleEndianUInt64(at: try advance(by: 8))
  }

  /// Reads a single-precision number by its bit pattern.
  public mutating func readFloat() throws(ByteError) -> Float {
    Float(bitPattern: try readUInt32())
  }

  /// Reads a double-precision number by its bit pattern.
  public mutating func readDouble() throws(ByteError) -> Double {
    Double(bitPattern: try readUInt64())
  }

  /// Reads `count` bytes without copying them.
  @_lifetime(copy self)
  public mutating func readBytes(_ count: Int) throws(ByteError) -> RawSpan {
    let start = try advance(by: count)
    return bytes.extracting(start..<start + count)
  }

  /// Reads `count` bytes of UTF-8.
  ///
  /// - Throws: `notText` where they are not.
  public mutating func readText(_ count: Int) throws(ByteError) -> String {
    let start = try advance(by: count)
    let copy = [UInt8](bytes.extracting(start..<start + count))
    guard let text = String(validating: copy, as: UTF8.self) else {
      offset = start
      throw .notText(offset: start, length: count)
    }
    return text
  }

  /// Passes over `count` bytes.
  public mutating func skip(_ count: Int) throws(ByteError) {
    _ = try advance(by: count)
  }

  /// Takes the next `count` bytes and returns where they start.
  private mutating func advance(by count: Int) throws(ByteError) -> Int {
    guard count >= 0, count <= remaining else {
      throw .endOfInput(offset: offset, needed: count, available: remaining)
    }
    let start = offset
    offset += count
    return start
  }
}

/// What can be wrong with bytes that are read field by field.
public enum ByteError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The bytes end inside a field of `needed` bytes that starts at `offset`.
  case endOfInput(offset: Int, needed: Int, available: Int)
  /// The text of `length` bytes at `offset` is not valid UTF-8.
  case notText(offset: Int, length: Int)

  public var description: String {
    switch self {
    case .endOfInput(let offset, let needed, let available):
      "the bytes end at offset \(offset + available): a field of \(needed) bytes starts at "
        + "\(offset)"
    case .notText(let offset, let length):
      "the \(length) bytes at offset \(offset) are not valid UTF-8"
    }
  }
}
