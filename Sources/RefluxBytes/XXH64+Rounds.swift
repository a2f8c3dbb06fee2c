/// The arithmetic of XXH64: stripes, merge and the tail shorter than a stripe.
extension XXH64 {
  /// Mixes whole stripes of 32 bytes into the four lanes.
  ///
  /// The lanes are scalars: 64-bit vector multiplication is slower than four multipliers in turn.
  static func absorb(
    _ bytes: RawSpan, stripes: Int, from start: Int, into lanes: SIMD4<UInt64>
  ) -> SIMD4<UInt64> {
    var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3])
    var offset = start
    for _ in 0..<stripes {
      a = round(a, bytes.littleEndianUInt64(at: offset))
      b = round(b, bytes.littleEndianUInt64(at: offset + 8))
      c = round(c, bytes.littleEndianUInt64(at: offset + 16))
      d = round(d, bytes.littleEndianUInt64(at: offset + 24))
      offset += 32
    }
    return SIMD4(a, b, c, d)
  }

  static func merge(_ lanes: SIMD4<UInt64>) -> UInt64 {
    var hash =
      rotate(lanes[0], 1) &+ rotate(lanes[1], 7) &+ rotate(lanes[2], 12) &+ rotate(lanes[3], 18)
    for index in 0..<4 {
      hash = (hash ^ round(0, lanes[index])) &* prime1 &+ prime4
    }
    return hash
  }

  static func finish(
    _ start: UInt64, _ bytes: RawSpan, from first: Int, to end: Int
  ) -> UInt64 {
    var hash = start
    var offset = first
    while offset + 8 <= end {
      hash ^= round(0, bytes.littleEndianUInt64(at: offset))
      hash = rotate(hash, 27) &* prime1 &+ prime4
      offset += 8
    }
    if offset + 4 <= end {
      hash ^= UInt64(bytes.littleEndianUInt32(at: offset)) &* prime1
      hash = rotate(hash, 23) &* prime2 &+ prime3
      offset += 4
    }
    while offset < end {
      hash ^= UInt64(bytes.byte(at: offset)) &* prime5
      hash = rotate(hash, 11) &* prime1
      offset += 1
    }
    return avalanche(hash)
  }

  @inline(__always)
  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotate(lane &+ input &* prime2, 31) &* prime1
  }

  @inline(__always)
  private static func rotate(_ value: UInt64, _ bits: UInt64) -> UInt64 {
    (value &<< bits) | (value &>> (64 &- bits))
  }

  private static func avalanche(_ value: UInt64) -> UInt64 {
    var hash = value
    hash = (hash ^ (hash &>> 33)) &* prime2
    hash = (hash ^ (hash &>> 29)) &* prime3
    return hash ^ (hash &>> 32)
  }
}
