import RefluxBytes

/// The content fingerprint of sample stores (SPEC.md, section 7.1).
extension XXH64 {
  /// Adds one record: its length, its ids, its counts or weights, each as 32 bits.
  mutating func update(record ids: Span<UInt32>, values: Span<UInt32>) {
    let length: InlineArray<1, UInt32> = [UInt32(ids.count)]
    // Safe because a UInt32 has no padding.
    unsafe update(length.span.bytes)
    unsafe update(ids.bytes)
    unsafe update(values.bytes)
  }
}
