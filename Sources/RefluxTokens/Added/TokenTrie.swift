/// Byte strings as a trie, which finds the longest of them that starts at a place.
struct TokenTrie: Sendable {
  private var edges = PairTable(minimumCapacity: 16)
  /// What each node ends; `none` for none.
  private var values: [UInt32] = [TokenTrie.none]
  /// The node behind the root by first byte; 0 for none.
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

  /// Whether a string starts at or before `place` and ends at or behind it.
  func touches(_ place: Int, in bytes: Span<UInt8>) -> Bool {
    for start in max(0, place - longest)...place where start < bytes.count {
      if let end = match(at: start, in: bytes)?.end, end >= place { return true }
    }
    return false
  }
}
