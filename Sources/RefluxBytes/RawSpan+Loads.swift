/// Little-endian loads at any alignment; an offset outside the span traps.
extension RawSpan {
  /// The byte at `offset`.
  @inlinable
  public func byte(at offset: Int) -> UInt8 {
    // Safe because every bit pattern is a UInt8 and the load checks the bounds.
    unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
  }

  /// The 16-bit number whose lowest byte is at `offset`.
  @inlinable
  public func littleEndianUInt16(at offset: Int) -> UInt16 {
    // Safe because every bit pattern is a UInt16 and the load checks the bounds.
    unsafe UInt16(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }

  /// The 32-bit number whose lowest byte is at `offset`.
  @inlinable
  public func littleEndianUInt32(at offset: Int) -> UInt32 {
    // Safe because every bit pattern is a UInt32 and the load checks the bounds.
    unsafe UInt32(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }

  /// The 64-bit number whose lowest byte is at `offset`.
  @inlinable
  public func littleEndianUInt64(at offset: Int) -> UInt64 {
    // Safe because every bit pattern is a UInt64 and the load checks the bounds.
    unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}
