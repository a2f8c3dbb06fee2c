/// Puts lengths into the fullest bin that still takes them.
///
/// Bins are found by the room that they have left; of those with the same room the one that got it
/// last is taken. Cost per length: a search in a bit set of L bits.
struct BestFit {
  private let window: Int
  /// Bins by the room they have left.
  private var binsOfRoom: [[Int]]
  /// Which rooms some bin has.
  private var rooms: [UInt64]
  private(set) var bins = 0

  init(window: Int) {
    self.window = window
    binsOfRoom = Array(repeating: [], count: window + 1)
    rooms = Array(repeating: 0, count: window / 64 + 1)
  }

  /// Forgets all bins; their memory stays.
  mutating func removeAll() {
    for room in binsOfRoom.indices { binsOfRoom[room].removeAll(keepingCapacity: true) }
    for word in rooms.indices { rooms[word] = 0 }
    bins = 0
  }

  /// The bin that takes `length`, 1...window: one that is there or the next new one.
  mutating func place(_ length: Int) -> Int {
    guard let room = leastRoom(atLeast: length) else {
      bins += 1
      open(bins - 1, room: window - length)
      return bins - 1
    }
    let bin = binsOfRoom[room].removeLast()
    if binsOfRoom[room].isEmpty { rooms[room >> 6] &= ~(1 << UInt64(room & 63)) }
    open(bin, room: room - length)
    return bin
  }

  private mutating func open(_ bin: Int, room: Int) {
    if room == 0 { return }
    binsOfRoom[room].append(bin)
    rooms[room >> 6] |= 1 << UInt64(room & 63)
  }

  private func leastRoom(atLeast length: Int) -> Int? {
    var word = length >> 6
    var bits = rooms[word] & (UInt64.max << UInt64(length & 63))
    while bits == 0 {
      word += 1
      if word == rooms.count { return nil }
      bits = rooms[word]
    }
    return word << 6 + bits.trailingZeroBitCount
  }
}
