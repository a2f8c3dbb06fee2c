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
