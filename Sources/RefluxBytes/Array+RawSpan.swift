extension [UInt8] {
  /// Copies the bytes of a span.
  public init(_ span: RawSpan) {
    self = unsafe span.withUnsafeBytes { bytes in unsafe Array(bytes) }
  }

  /// Appends a copy of the bytes of a span.
  public mutating func append(_ span: RawSpan) {
    unsafe span.withUnsafeBytes { bytes in unsafe append(contentsOf: bytes) }
  }
}

extension [UInt8] {
  /// The array's bytes without a copy.
  public var rawSpan: RawSpan {
    @_lifetime(borrow self)
    get {
      // Safe because a UInt8 has no padding.
      let bytes = unsafe span.bytes
      return unsafe _overrideLifetime(bytes, borrowing: self)
    }
  }
}
