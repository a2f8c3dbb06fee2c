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

  /// The hash of everything appended so far; the stream may go on afterwards.
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
