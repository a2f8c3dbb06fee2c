/// The keys of one object that is being read: whether a key is there already.
///
/// Few keys are compared one by one. Of many their places stand in a table by their hashes: 8 bytes
/// a key, and no choice of keys makes them meet.
struct JSONKeyIndex {
  private static let few = 16
  /// Places in the members plus 1; 0 is none. A power of 2, at most half of them taken.
  private var table: [UInt32] = []

  /// Notes `key`, which comes after `members`; false where it is one of theirs.
  mutating func insert(_ key: String, after members: [JSONObject.Member]) -> Bool {
    if members.count < Self.few {
      return !members.contains { $0.key.utf8.elementsEqual(key.utf8) }
    }
    if 2 * (members.count + 1) > table.count { grow(members) }
    let slot = slot(of: key, members)
    if table[slot] != 0 { return false }
    table[slot] = UInt32(members.count + 1)
    return true
  }

  /// Where `key` stands, or the free place where it would.
  private func slot(of key: String, _ members: [JSONObject.Member]) -> Int {
    let mask = table.count - 1
    var slot = Self.hash(key) & mask
    while table[slot] != 0, !members[Int(table[slot]) - 1].key.utf8.elementsEqual(key.utf8) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  private mutating func grow(_ members: [JSONObject.Member]) {
    table = Array(repeating: 0, count: max(4 * Self.few, 2 * table.count))
    for (place, member) in members.enumerated() {
      table[slot(of: member.key, members)] = UInt32(place + 1)
    }
  }

  /// By the bytes: strings that Unicode calls equal are different keys, and there are as many of
  /// those as somebody may want.
  private static func hash(_ key: String) -> Int {
    var hasher = Hasher()
    var (word, count) = (UInt64(0), 0)
    for byte in key.utf8 {
      word = word << 8 | UInt64(byte)
      count += 1
      if count % 8 == 0 {
        hasher.combine(word)
        word = 0
      }
    }
    hasher.combine(word)
    hasher.combine(count)
    return hasher.finalize()
  }
}
