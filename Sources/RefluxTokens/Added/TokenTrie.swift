internal import RefluxBytes

/// Byte strings as a trie, which finds the longest of them that starts at a place.
struct TokenTrie: Sendable {
  private var edges = PairTable(minimumCapacity: 16)
  /// What each node ends; `none` for none.
  private var values: [UInt32] = [TokenTrie.none]
  /// The node below the root by first byte; 0 for none.
  private var roots = [UInt32](repeating: 0, count: 256)
  /// How the strings start, where that is in few ways: texts are then searched by words.
  private var starts = FewBytes()
  /// The longest string, in bytes.
  private(set) var longest = 0
  private static let none = UInt32.max

  /// Adds a string; false where it is there already.
  ///
  /// - Precondition: `bytes` is not empty and `value` is below `UInt32.max`.
  mutating func insert(_ bytes: [UInt8], value: UInt32) -> Bool {
    var node: UInt32 = 0
    for byte in bytes {
      let edge = edges.insert(TokenPair(node, UInt32(byte)))
      if edge.isNew { values.append(Self.none) }
      let next = UInt32(edge.index + 1)
      if node == 0 { roots[Int(byte)] = next }
      node = next
    }
    starts.insert(bytes[0])
    longest = max(longest, bytes.count)
    guard values[Int(node)] == Self.none else { return false }
    values[Int(node)] = value
    return true
  }

  /// The value and the end of the longest string at `start`, or nil.
  @inline(always)
  func match(at start: Int, in bytes: Span<UInt8>) -> (value: UInt32, end: Int)? {
    let root = roots[Int(bytes[start])]
    return root == 0 ? nil : match(from: root, at: start + 1, in: bytes)
  }

  private func match(
    from root: UInt32, at start: Int, in bytes: Span<UInt8>
  ) -> (value: UInt32, end: Int)? {
    var node = root
    var end = start
    var found = values[Int(node)] == Self.none ? nil : (value: values[Int(node)], end: end)
    while end < bytes.count, let edge = edges.find(TokenPair(node, UInt32(bytes[end]))) {
      node = UInt32(edge + 1)
      end += 1
      if values[Int(node)] != Self.none { found = (values[Int(node)], end) }
    }
    return found
  }

  /// The leftmost place from `start` on at which a string starts, and the longest one there.
  func next(
    from start: Int, in bytes: Span<UInt8>
  ) -> (value: UInt32, range: Range<Int>)? {
    var place = start
    while true {
      place = starts.next(from: place, in: bytes)
      guard place < bytes.count else { return nil }
      if let (value, end) = match(at: place, in: bytes) { return (value, place..<end) }
      place += 1
    }
  }

  /// Whether a string starts at or before `place` and ends at or after it.
  func touches(_ place: Int, in bytes: Span<UInt8>) -> Bool {
    for start in max(0, place - longest)...place where start < bytes.count {
      if let end = match(at: start, in: bytes)?.end, end >= place { return true }
    }
    return false
  }
}

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
