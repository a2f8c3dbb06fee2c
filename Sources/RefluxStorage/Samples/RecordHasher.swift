import RefluxBytes

/// What one sample set contributes to its store's fingerprint (SPEC.md, section 8.1).
struct RecordHasher {
  private var words: [UInt32] = []

  /// - Parameters:
  ///   - ids: ascending.
  ///   - values: counts or bit patterns of weights.
  ///   - extras: bit patterns of the optional fields.
  mutating func hash(
    ids: Span<UInt32>, values: Span<UInt32>, extras: Span<UInt32>, position: Int
  ) -> UInt64 {
    words.removeAll(keepingCapacity: true)
    words.append(UInt32(ids.count).littleEndian)
    for index in 0..<ids.count { words.append(ids[index].littleEndian) }
    for index in 0..<values.count { words.append(values[index].littleEndian) }
    for index in 0..<extras.count { words.append(extras[index].littleEndian) }
    // Safe because a UInt32 has no padding.
    return unsafe XXH64.hash(words.span.bytes, seed: UInt64(position))
  }
}
