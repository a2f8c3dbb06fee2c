import CLZ4

/// The LZ4 block format through liblz4.
package enum LZ4 {
  /// The most bytes that `count` input bytes can become.
  package static func compressedLimit(_ count: Int) -> Int {
    Int(LZ4_compressBound(Int32(count)))
  }

  /// Compresses the first `count` bytes of `source` into `target` from `offset` on.
  ///
  /// - Parameter level: 0 for the fast mode, 1 to 12 for the slower ones of LZ4 HC.
  /// - Returns: the compressed size, or nil where `limit` bytes do not hold it.
  package static func compress(
    _ source: borrowing BlockBuffer, count: Int, into target: inout BlockBuffer,
    at offset: Int, limit: Int, level: Int
  ) -> Int? {
    precondition(offset >= 0 && limit <= target.capacity - offset && limit >= 0)
    precondition(count <= source.capacity)
    let input = unsafe source.start.assumingMemoryBound(to: CChar.self)
    let output = unsafe (target.start + offset).assumingMemoryBound(to: CChar.self)
    let (count, limit) = (Int32(count), Int32(limit))
    let size =
      level == 0
      ? unsafe LZ4_compress_default(input, output, count, limit)
      : unsafe LZ4_compress_HC(input, output, count, limit, Int32(level))
    return size > 0 ? Int(size) : nil
  }

  /// Decodes `source` into the first `count` bytes of `target`.
  ///
  /// - Returns: whether the data are valid and decode to exactly `count` bytes. Never reads or
  ///   writes outside the two, whatever the data are.
  package static func decompress(
    _ source: RawSpan, into target: inout BlockBuffer, count: Int
  ) -> Bool {
    precondition(count <= target.capacity)
    let size = unsafe source.withUnsafeBytes { bytes in
      let input = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
      let output = unsafe target.start.assumingMemoryBound(to: CChar.self)
      return unsafe LZ4_decompress_safe(input, output, Int32(bytes.count), Int32(count))
    }
    return Int(size) == count
  }
}
