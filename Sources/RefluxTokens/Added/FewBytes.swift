internal import RefluxBytes

/// A set of bytes that is quick to search for while it is small, eight places at a time.
struct FewBytes: Sendable {
  private static let limit = 3
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highs: UInt64 = 0x8080_8080_8080_8080

  private var bytes: [UInt8] = []
  /// The first three bytes, each eight times; the first one again where there are fewer.
  private var one: UInt64 = 0
  private var other: UInt64 = 0
  private var third: UInt64 = 0

  mutating func insert(_ byte: UInt8) {
    guard bytes.count <= Self.limit, !bytes.contains(byte) else { return }
    bytes.append(byte)
    let words = (0..<Self.limit).map { Self.ones * UInt64($0 < bytes.count ? bytes[$0] : bytes[0]) }
    (one, other, third) = (words[0], words[1], words[2])
  }

  /// The first place from `start` on that may hold one of the bytes, or the end of `text`.
  @inline(always)
  func next(from start: Int, in text: Span<UInt8>) -> Int {
    if bytes.count > Self.limit { return start }
    // Safe because every element of the span is an initialised byte.
    let raw = unsafe text.bytes
    var place = start
    while place + 8 <= raw.byteCount {
      let word = raw.littleEndianUInt64(at: place)
      let hits = Self.zeros(word ^ one) | Self.zeros(word ^ other) | Self.zeros(word ^ third)
      if hits != 0 { return place + hits.trailingZeroBitCount / 8 }
      place += 8
    }
    return place
  }

  /// The high bit of every byte that is 0, and of some above the lowest of them.
  @inline(always)
  private static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & highs }
}
