import RefluxBytes

/// The content fingerprint of sample stores (SPEC.md, section 7.1).
extension XXH64 {
  /// Adds one record: its length, its ids, its counts or weights, each as 32 bits.
  mutating func update(record ids: Span<UInt32>, values: Span<UInt32>) {
    var writer = ByteWriter(capacity: 4)
    writer.write(UInt32(ids.count))
    update(writer.bytes.rawSpan)
    // Safe because a UInt32 has no padding.
    unsafe update(ids.bytes)
    unsafe update(values.bytes)
  }
}
