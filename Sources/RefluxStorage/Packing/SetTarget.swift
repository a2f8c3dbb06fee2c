/// Where the sets of a block are decoded to: a block's own memory, or that of whoever asked.
///
/// Whoever makes one vouches for the memory: `count` + 1 offsets, the first of which is `first`,
/// and `first` + `pairs` ids and values.
@safe
struct SetTarget {
  let offsets: UnsafeMutablePointer<Int32>
  let ids: UnsafeMutablePointer<UInt32>
  let values: UnsafeMutablePointer<UInt32>
  /// Sets.
  let count: Int
  /// Pairs of an id and a value in all sets.
  let pairs: Int
  /// Where the first pair goes.
  let first: Int

  /// The pairs of set `record`, counted from `first`.
  func range(_ record: Int) -> Range<Int> {
    precondition(record >= 0 && record < count)
    return unsafe Int(offsets[record]) - first..<Int(offsets[record + 1]) - first
  }

  /// Turns the counts of all pairs into bit patterns of count / `rounds`.
  func divide(by rounds: Int) {
    let divisor = Float(rounds)
    let values = unsafe values + first
    // A count is below 2^31: the conversion from a signed number is one instruction.
    for index in 0..<pairs {
      let count = unsafe Float(Int32(truncatingIfNeeded: values[index]))
      unsafe values[index] = (count / divisor).bitPattern
    }
  }
}
