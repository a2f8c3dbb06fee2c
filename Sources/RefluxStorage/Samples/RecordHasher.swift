import RefluxBytes

/// What one sample set contributes to its store's fingerprint (SPEC.md, section 8.1).
struct RecordHasher {
  /// The bytes that are hashed; the memory is reused from record to record.
  private var words: [UInt32] = []

  /// - Parameters:
  ///   - ids: ascending.
  ///   - values: counts or bit patterns of weights.
  ///   - extras: bit patterns of the optional fields.
  mutating func hash(
    ids: Span<UInt32>, values: Span<UInt32>, extras: Span<UInt32>, position: Int
  ) -> UInt64 {
    let count = 1 + ids.count + values.count + extras.count
    if words.count < count { words = Array(repeating: 0, count: 2 * count) }
    var slots = words.mutableSpan
    slots[0] = UInt32(ids.count).littleEndian
    var end = 1
    Self.copy(ids, to: &slots, &end)
    Self.copy(values, to: &slots, &end)
    Self.copy(extras, to: &slots, &end)
    // Safe because a UInt32 has no padding.
    return unsafe XXH64.hash(words.span.extracting(0..<count).bytes, seed: UInt64(position))
  }

  @inline(__always)
  private static func copy(
    _ source: Span<UInt32>, to slots: inout MutableSpan<UInt32>, _ end: inout Int
  ) {
    precondition(source.count <= slots.count - end)
    // Safe because of the precondition.
    for index in 0..<source.count {
      unsafe slots[unchecked: end &+ index] = source[unchecked: index].littleEndian
    }
    end += source.count
  }
}
