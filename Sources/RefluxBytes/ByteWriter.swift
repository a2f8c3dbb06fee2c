/// Bytes that grow by little-endian fields.
public struct ByteWriter: Sendable {
  /// Everything written so far.
  public private(set) var bytes: [UInt8] = []

  /// Creates an empty writer that holds `capacity` bytes before it has to grow.
  public init(capacity: Int = 0) {
    bytes.reserveCapacity(capacity)
  }

  /// The number of bytes written so far.
  public var count: Int { bytes.count }

  /// Appends a byte.
  public mutating func write(_ value: UInt8) { bytes.append(value) }

  /// Appends a number of two bytes, the lowest first.
  public mutating func write(_ value: UInt16) { append(value) }

  /// Appends a number of four bytes, the lowest first.
  public mutating func write(_ value: UInt32) { append(value) }

  /// Appends a number of eight bytes, the lowest first.
  public mutating func write(_ value: UInt64) { append(value) }

  private mutating func append(_ value: some FixedWidthInteger & UnsignedInteger) {
    var rest = value
    for _ in 0..<value.bitWidth / 8 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  /// Appends the bit pattern of a single-precision number.
  public mutating func write(_ value: Float) {
    write(value.bitPattern)
  }

  /// Appends the bit pattern of a double-precision number.
  public mutating func write(_ value: Double) {
    write(value.bitPattern)
  }

  /// Appends a copy of `span`.
  public mutating func write(_ span: RawSpan) {
    bytes.append(span)
  }

  /// Appends `bytes`.
  public mutating func write(_ bytes: [UInt8]) {
    self.bytes += bytes
  }

  /// Appends the UTF-8 bytes of `text`, without length or terminator.
  public mutating func write(_ text: String) {
    bytes.append(contentsOf: text.utf8)
  }

  /// Appends zero bytes until `count` is a multiple of `alignment`.
  public mutating func pad(toMultipleOf alignment: Int) {
    while bytes.count % alignment != 0 { bytes.append(0) }
  }

  /// Empties the writer and keeps its memory.
  public mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
  }
}
