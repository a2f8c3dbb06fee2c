/// The inner loops of unpacking: a pair for one load of the stream and one of the table.
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

  /// The most digits of a pair that the fast way keeps.
  static let mostDigits = 32

  /// Reads all pairs of four streams, none with more than ``mostDigits`` digits.
  ///
  /// Each stream alone would wait for its own last load; four of them keep the processor busy. What
  /// does not depend on the pair before waits until all are read: first only digits and entries
  /// are kept, then sixteen pairs at a time become steps and counts.
  /// - Parameters:
  ///   - firsts: the first pair of each stream.
  ///   - bits: where each stream starts, and afterwards where it ended.
  @inline(never)
  func read(_ pairs: Int, _ firsts: SIMD4<Int>, _ bits: inout SIMD4<Int>) {
    var (a, b, c, d) = (bits[0], bits[1], bits[2], bits[3])
    let (second, third, fourth) = (firsts[1], firsts[2], firsts[3])
    let common = pairs - fourth
    var pair = 0
    while pair < common {
      let end = min(pair + 8, common)
      // Eight pairs take less than 64 bytes: with so many left no load goes beyond the limit.
      let isFar = max(a, b, c, d) &>> 3 &+ 64 <= limit
      while pair < end, isFar {
        keep(&a, pair, checked: false)
        keep(&b, second &+ pair, checked: false)
        keep(&c, third &+ pair, checked: false)
        keep(&d, fourth &+ pair, checked: false)
        pair &+= 1
      }
      while pair < end {
        keep(&a, pair)
        keep(&b, second &+ pair)
        keep(&c, third &+ pair)
        keep(&d, fourth &+ pair)
        pair &+= 1
      }
    }
    // The last streams may be a few pairs shorter than the first one.
    for pair in common..<second {
      keep(&a, pair)
      if second &+ pair < third { keep(&b, second &+ pair) }
      if third &+ pair < fourth { keep(&c, third &+ pair) }
    }
    bits = SIMD4(a, b, c, d)
    split(pairs)
  }

  /// Reads the pairs of one stream, which starts at `bit`.
  @inline(never)
  func read(_ pairs: Range<Int>, from bit: inout Int) {
    for pair in pairs {
      let (digits, entry) = next(&bit, checked: true)
      let step = UInt64(1) &<< (entry &>> 16)
      unsafe steps[pair] = UInt32(truncatingIfNeeded: step | digits & (step &- 1))
      let count = UInt64(1) &<< (entry &>> 24)
      let rest = digits &>> (entry &>> 16)
      unsafe counts[pair] = UInt32(truncatingIfNeeded: count | rest & (count &- 1))
    }
  }

  /// The next pair's digits, in the low bits, and entry.
  @inline(__always)
  private func next(_ bit: inout Int, checked: Bool) -> (digits: UInt64, entry: UInt64) {
    let offset = checked ? min(bit &>> 3, limit) : bit &>> 3
    let loaded = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    let word = UInt64(littleEndian: loaded) &>> UInt64(truncatingIfNeeded: bit & 7)
    let entry = unsafe UInt64(truncatingIfNeeded: entries[Int(truncatingIfNeeded: word & mask)])
    // The shifts take no more than six bits of their amounts: the bytes need no masks.
    bit &+= Int(truncatingIfNeeded: entry & 63)
    return (word &>> (entry &>> 8), entry)
  }

  /// Leaves digits where the step will be, and the entry where the count will be.
  @inline(__always)
  private func keep(_ bit: inout Int, _ pair: Int, checked: Bool = true) {
    let (digits, entry) = next(&bit, checked: checked)
    unsafe steps[pair] = UInt32(truncatingIfNeeded: digits)
    unsafe counts[pair] = UInt32(truncatingIfNeeded: entry)
  }

  /// Turns digits and entries into steps and counts.
  private func split(_ pairs: Int) {
    var pair = 0
    while pair + 16 <= pairs {
      let (steps, counts) = unsafe (
        UnsafeMutableRawPointer(steps + pair), UnsafeMutableRawPointer(counts + pair)
      )
      let digits = unsafe steps.loadUnaligned(as: SIMD16<UInt32>.self)
      let entry = unsafe counts.loadUnaligned(as: SIMD16<UInt32>.self)
      let (step, count) = Self.split(digits, entry)
      unsafe steps.storeBytes(of: step, as: SIMD16<UInt32>.self)
      unsafe counts.storeBytes(of: count, as: SIMD16<UInt32>.self)
      pair += 16
    }
    while pair < pairs {
      let (digits, entry) = unsafe (steps[pair], counts[pair])
      let step = UInt32(1) &<< (entry &>> 16)
      let count = UInt32(1) &<< (entry &>> 24)
      unsafe steps[pair] = step | digits & (step &- 1)
      unsafe counts[pair] = count | (digits &>> (entry &>> 16)) & (count &- 1)
      pair += 1
    }
  }

  @inline(__always)
  private static func split(
    _ digits: SIMD16<UInt32>, _ entry: SIMD16<UInt32>
  ) -> (step: SIMD16<UInt32>, count: SIMD16<UInt32>) {
    let one = SIMD16<UInt32>(repeating: 1)
    let length = entry &>> 16 & 31
    let step = one &<< length
    let count = one &<< (entry &>> 24)
    return (step | digits & (step &- one), count | (digits &>> length) & (count &- one))
  }
}
