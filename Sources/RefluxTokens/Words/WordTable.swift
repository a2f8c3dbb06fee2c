/// A set of byte strings, each with the index at which it first came; open addressing over one
/// arena.
struct WordTable: Sendable {
  private var slots: [UInt32]
  private var bytes: [UInt8] = []
  private var ends: [Int] = [0]
  private var hashes: [UInt32] = []

  /// An empty table with room for some words before it grows.
  init(minimumCapacity: Int = 1024) {
    var count = 16
    while count < 2 * minimumCapacity { count *= 2 }
    slots = Array(repeating: 0, count: count)
  }

  var count: Int { hashes.count }

  /// The bytes of all words together.
  var byteCount: Int { bytes.count }

  /// Word number `index`.
  subscript(index: Int) -> ArraySlice<UInt8> { bytes[ends[index]..<ends[index + 1]] }

  /// The index of the word that `range` of `text` holds, or nil.
  func find(_ range: Range<Int>, in text: Span<UInt8>) -> Int? {
    let slot = slot(of: range, hash: WordTable.hash(range, in: text), in: text)
    return slots[slot] == 0 ? nil : Int(slots[slot]) - 1
  }

  /// The index of a word, which is added where it is new.
  mutating func insert(_ range: Range<Int>, in text: Span<UInt8>) -> (index: Int, isNew: Bool) {
    let hash = WordTable.hash(range, in: text)
    let slot = slot(of: range, hash: hash, in: text)
    if slots[slot] != 0 { return (Int(slots[slot]) - 1, false) }
    let index = hashes.count
    slots[slot] = UInt32(index + 1)
    hashes.append(hash)
    for place in range { bytes.append(text[place]) }
    ends.append(bytes.count)
    if 2 * hashes.count > slots.count { grow() }
    return (index, true)
  }

  /// Empties the table and keeps its memory.
  mutating func removeAll() {
    for slot in slots.indices { slots[slot] = 0 }
    bytes.removeAll(keepingCapacity: true)
    hashes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
    ends.append(0)
  }

  /// The slot that holds the word, or the empty one where it belongs.
  @inline(always)
  private func slot(of range: Range<Int>, hash: UInt32, in text: Span<UInt8>) -> Int {
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] != 0 {
      let index = Int(slots[slot]) - 1
      if hashes[index] == hash, holds(index, range, in: text) { return slot }
      slot = (slot + 1) & mask
    }
    return slot
  }

  @inline(always)
  private func holds(_ index: Int, _ range: Range<Int>, in text: Span<UInt8>) -> Bool {
    let start = ends[index]
    guard ends[index + 1] - start == range.count else { return false }
    for offset in 0..<range.count where bytes[start + offset] != text[range.lowerBound + offset] {
      return false
    }
    return true
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: 2 * slots.count)
    let mask = slots.count - 1
    for (index, hash) in hashes.enumerated() {
      var slot = Int(hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(index + 1)
    }
  }

  /// A byte-wise multiplicative hash, mixed once more so that the low bits are good slots.
  @inline(always)
  private static func hash(_ range: Range<Int>, in text: Span<UInt8>) -> UInt32 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for index in range { hash = (hash ^ UInt64(text[index])) &* 0x0000_0100_0000_01B3 }
    hash = (hash ^ hash >> 32) &* 0x9E37_79B9_7F4A_7C15
    return UInt32(truncatingIfNeeded: hash >> 32)
  }
}

/// The tokens that stand for a whole word without any merge (`ignore_merges` in tokenizer.json).
struct WholeWords: Sendable {
  private var table = WordTable()
  private var ids: [UInt32] = []

  init(_ tokens: some Sequence<(id: UInt32, bytes: [UInt8])>) {
    for (id, bytes) in tokens
    where !bytes.isEmpty && table.insert(bytes.indices, in: bytes.span).isNew {
      ids.append(id)
    }
  }

  /// The token that is exactly this word, or nil.
  func id(of word: Range<Int>, in text: Span<UInt8>) -> UInt32? {
    table.find(word, in: text).map { ids[$0] }
  }
}
