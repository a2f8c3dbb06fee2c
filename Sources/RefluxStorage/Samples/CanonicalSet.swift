/// One sample set with its ids in ascending order, values beside them.
///
/// The memory is reused from record to record.
struct CanonicalSet {
  private(set) var ids: [UInt32] = []
  /// Counts, or the bit patterns of weights.
  private(set) var values: [UInt32] = []
  private var keys: [UInt64] = []

  /// Takes over a record in any order of ids.
  mutating func set(ids newIDs: Span<UInt32>, values newValues: Span<UInt32>) {
    keys.removeAll(keepingCapacity: true)
    var isAscending = true
    for index in 0..<newIDs.count {
      let key = UInt64(newIDs[index]) << 32 | UInt64(newValues[index])
      isAscending = isAscending && (keys.last ?? 0) <= key
      keys.append(key)
    }
    if !isAscending { keys.sort() }
    ids.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    for key in keys {
      ids.append(UInt32(truncatingIfNeeded: key >> 32))
      values.append(UInt32(truncatingIfNeeded: key))
    }
  }
}
