/// Which of a fixed number of slots holds which block: sets of four slots, of which the one that
/// was used longest ago gives way.
///
/// Allocated once; finding costs four comparisons.
struct SlotTable {
  private static let ways = 4
  private var keys: [Int]
  private var uses: [UInt64]
  private var clock: UInt64 = 0
  private let ways: Int
  private let sets: Int

  /// The slots that a table for up to `slots` has, at least 1.
  static func count(slots: Int) -> Int {
    slots < 2 * ways ? max(slots, 1) : slots / ways * ways
  }

  /// - Parameter slots: what `count(slots:)` gives.
  init(slots: Int) {
    ways = slots < 2 * Self.ways ? slots : Self.ways
    sets = slots / ways
    keys = Array(repeating: -1, count: slots)
    uses = Array(repeating: 0, count: slots)
  }

  /// The slots.
  var count: Int { keys.count }

  /// The slot of block `key`, if one has it.
  mutating func find(_ key: Int) -> Int? {
    let first = key % sets * ways
    for slot in first..<first + ways where keys[slot] == key {
      clock += 1
      uses[slot] = clock
      return slot
    }
    return nil
  }

  /// Gives a slot to block `key`; what it had before is forgotten.
  mutating func claim(_ key: Int) -> Int {
    let first = key % sets * ways
    var oldest = first
    for slot in first..<first + ways where uses[slot] < uses[oldest] { oldest = slot }
    clock += 1
    keys[oldest] = key
    uses[oldest] = clock
    return oldest
  }

  /// Takes a slot back whose block could not be read.
  mutating func release(_ slot: Int) {
    keys[slot] = -1
    uses[slot] = 0
  }
}
