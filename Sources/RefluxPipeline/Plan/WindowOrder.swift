internal import RefluxRandom

/// The order of a store's windows in each epoch: computed, not stored.
///
/// `shuffled` is a keyed permutation of all windows. `local` cuts the windows, turned round by a
/// random amount every epoch, into runs of neighbours, shuffles the runs, and shuffles the windows
/// of every `pool` runs among each other: a reader has so many places of the file in use at a time,
/// and reads each of them from one end to the other.
///
/// Remembers the permutations that it used last, and nothing else: any place of any epoch costs the
/// same.
struct WindowOrder: Sendable {
  /// Windows in a run and runs in a pool of `local`.
  static let run = 64
  static let pool = 32

  let count: Int
  let seed: UInt64
  let order: FeedConfiguration.Order
  private var epoch = -1
  private var windows: Permutation
  private var runs: Permutation
  private var poolNumber = -1
  private var inPool: Permutation
  private var turn = 0

  init(count: Int, seed: UInt64, order: FeedConfiguration.Order) {
    self.count = count
    self.seed = seed
    self.order = order
    windows = Permutation(count: 0, seed: 0)
    runs = windows
    inPool = windows
  }

  /// The window at a place of an epoch.
  mutating func window(at place: Int, epoch: Int) -> Int {
    if order == .sequential { return place }
    if epoch != self.epoch { begin(epoch) }
    return order == .shuffled ? windows[place] : local(place)
  }

  private mutating func begin(_ epoch: Int) {
    self.epoch = epoch
    let key = Self.key(seed: seed, epoch: epoch)
    if order == .shuffled {
      windows = Permutation(count: count, seed: key)
      return
    }
    runs = Permutation(count: count / Self.run, seed: key)
    // The last windows, too few for a run, are others in every epoch.
    turn = Int(RandomStream.number(key, 0x5475_726E).multipliedFullWidth(by: UInt64(count)).high)
    poolNumber = -1
  }

  private mutating func local(_ place: Int) -> Int {
    let size = Self.run * Self.pool
    let number = place / size
    let whole = runs.count * Self.run
    let isTail = place >= whole
    let wanted = isTail ? Int.max : number
    if wanted != poolNumber {
      poolNumber = wanted
      let count = isTail ? count - whole : min(size, whole - number * size)
      inPool = Permutation(
        count: count, seed: RandomStream.number(Self.key(seed: seed, epoch: epoch), UInt64(wanted)))
    }
    if isTail { return turned(whole + inPool[place - whole]) }
    let (run, slot) = inPool[place - number * size].quotientAndRemainder(dividingBy: Self.run)
    return turned(runs[number * Self.pool + run] * Self.run + slot)
  }

  private func turned(_ window: Int) -> Int {
    let sum = window + turn
    return sum < count ? sum : sum - count
  }

  /// Word 1 of the stream "Epoch" + epoch: frozen, as the permutation is.
  static func key(seed: UInt64, epoch: Int) -> UInt64 {
    RandomStream.number(seed, 0x4570_6F63_6800_0000 &+ UInt64(epoch))
  }
}

extension RandomStream {
  /// The first number of a stream.
  fileprivate static func number(_ seed: UInt64, _ stream: UInt64) -> UInt64 {
    var stream = RandomStream(seed: seed, stream: stream)
    return stream.next()
  }
}
