/// The 64-bit xxHash (XXH64) of a stream of bytes.
///
/// Not cryptographic: it detects damage, not malice. One pass, 32 bytes at a time; the state is
/// 80 bytes and never allocates. Feeding the same bytes in any division gives the same digest.
///
/// Source: the xxHash specification, section "XXH64 algorithm description".
public struct XXH64: Sendable {
  static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

  private let seed: UInt64
  private var lanes: SIMD4<UInt64>
  /// Bytes that do not yet fill a stripe of 32.
  private var pending: InlineArray<32, UInt8> = .init(repeating: 0)
  private var pendingCount = 0
  private var total: UInt64 = 0

  /// Creates the state before the first byte.
  ///
  /// - Parameter seed: two different seeds give unrelated digests of the same bytes.
  public init(seed: UInt64 = 0) {
    self.seed = seed
    lanes = Self.start(seed)
  }

  /// Appends bytes to the stream.
  public mutating func update(_ bytes: RawSpan) {
    total &+= UInt64(bytes.byteCount)
    var offset = 0
    if pendingCount > 0 {
      offset = min(32 - pendingCount, bytes.byteCount)
      keep(bytes, from: 0, to: offset)
      if pendingCount < 32 { return }
      lanes = unsafe Self.absorb(pending.span.bytes, stripes: 1, from: 0, into: lanes)
      pendingCount = 0
    }
    let stripes = (bytes.byteCount - offset) / 32
    lanes = Self.absorb(bytes, stripes: stripes, from: offset, into: lanes)
    keep(bytes, from: offset + stripes * 32, to: bytes.byteCount)
  }

  /// The hash of everything appended so far; the stream may continue afterwards.
  public func digest() -> UInt64 {
    var hash = total >= 32 ? Self.merge(lanes) : seed &+ Self.prime5
    hash &+= total
    return unsafe Self.finish(hash, pending.span.bytes, from: 0, to: pendingCount)
  }

  /// The hash of `bytes` in one call, faster than a stream of them.
  public static func hash(_ bytes: RawSpan, seed: UInt64 = 0) -> UInt64 {
    let stripes = bytes.byteCount / 32
    var hash = seed &+ prime5
    if stripes > 0 {
      hash = merge(absorb(bytes, stripes: stripes, from: 0, into: start(seed)))
    }
    hash &+= UInt64(bytes.byteCount)
    return finish(hash, bytes, from: 32 * stripes, to: bytes.byteCount)
  }

  /// The lanes before the first stripe.
  private static func start(_ seed: UInt64) -> SIMD4<UInt64> {
    SIMD4(seed &+ prime1 &+ prime2, seed &+ prime2, seed, seed &- prime1)
  }

  private mutating func keep(_ bytes: RawSpan, from start: Int, to end: Int) {
    for index in start..<end {
      pending[pendingCount] = bytes.byte(at: index)
      pendingCount += 1
    }
  }
}

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
