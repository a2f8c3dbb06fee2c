/// The inner loop of unpacking: a pair for one load of the stream and one of the table.
///
/// Whoever makes one vouches for the memory: `limit` + 8 bytes, a whole table, and room for as many
/// steps and counts as are read.
@safe
struct PairReader {
  let bytes: UnsafeRawPointer
  /// The last byte at which eight can be loaded: damaged streams read there for ever.
  let limit: Int
  let entries: UnsafePointer<UInt32>
  /// As many bits as the table answers.
  let mask: UInt64
  let steps: UnsafeMutablePointer<UInt32>
  let counts: UnsafeMutablePointer<UInt32>

  /// Reads all pairs of four streams.
  ///
  /// Each stream alone would wait for its own last load; four of them keep the processor busy.
  /// - Parameters:
  ///   - firsts: the first pair of each stream.
  ///   - bits: where each stream starts, and afterwards where it ended.
  @inline(never)
  func read(_ pairs: Int, _ firsts: SIMD4<Int>, _ bits: inout SIMD4<Int>) {
    var (a, b, c, d) = (bits[0], bits[1], bits[2], bits[3])
    let (second, third, fourth) = (firsts[1], firsts[2], firsts[3])
    let common = pairs - fourth
    for pair in 0..<common {
      read(&a, pair)
      read(&b, second &+ pair)
      read(&c, third &+ pair)
      read(&d, fourth &+ pair)
    }
    // The last streams may be a few pairs shorter than the first one.
    for pair in common..<second {
      read(&a, pair)
      if second &+ pair < third { read(&b, second &+ pair) }
      if third &+ pair < fourth { read(&c, third &+ pair) }
    }
    bits = SIMD4(a, b, c, d)
  }

  /// Reads the pairs of one stream, which starts at `bit`.
  @inline(never)
  func read(_ pairs: Range<Int>, from bit: Int) {
    var bit = bit
    for pair in pairs { read(&bit, pair) }
  }

  @inline(__always)
  private func read(_ bit: inout Int, _ pair: Int) {
    let offset = min(bit &>> 3, limit)
    let loaded = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    var word = UInt64(littleEndian: loaded) &>> UInt64(truncatingIfNeeded: bit & 7)
    let entry = unsafe UInt64(truncatingIfNeeded: entries[Int(truncatingIfNeeded: word & mask)])
    // The shifts take no more than six bits of their amounts: the bytes need no masks.
    bit &+= Int(truncatingIfNeeded: entry & 63)
    word &>>= entry &>> 8
    let step = UInt64(1) &<< (entry &>> 16)
    unsafe steps[pair] = UInt32(truncatingIfNeeded: step | word & (step &- 1))
    word &>>= entry &>> 16
    let count = UInt64(1) &<< (entry &>> 24)
    unsafe counts[pair] = UInt32(truncatingIfNeeded: count | word & (count &- 1))
  }
}
