/// How sets get into a block: first after its last one, and counted once they are found right.
extension SampleBlock {
  /// Puts a set after the last one without counting it, in ascending order of its ids.
  ///
  /// Traps where the block has no room for it.
  ///
  /// - Complexity: one pass; a sort where the ids do not ascend.
  mutating func stage(ids newIDs: Span<UInt32>, values newValues: Span<UInt32>) {
    let (first, size) = (pairs, newIDs.count)
    precondition(size == newValues.count && size <= ids.count - first && count + 1 < offsets.count)
    let isAscending = Self.copy(newIDs, newValues, to: &ids, &values, at: first)
    if !isAscending { sort(first..<first + size) }
  }

  /// Copies the pairs of a set; returns whether its ids ascend. Both arrays have room for it.
  @inline(__always)
  private static func copy(
    _ ids: Span<UInt32>, _ values: Span<UInt32>, to idTarget: inout [UInt32],
    _ valueTarget: inout [UInt32], at first: Int
  ) -> Bool {
    var idSlots = idTarget.mutableSpan
    var valueSlots = valueTarget.mutableSpan
    precondition(first + ids.count <= min(idSlots.count, valueSlots.count))
    var (last, descents) = (UInt32(0), 0)
    for index in 0..<ids.count {
      // Safe because of the preconditions here and in `stage`.
      let id = unsafe ids[unchecked: index]
      unsafe idSlots[unchecked: first &+ index] = id
      unsafe valueSlots[unchecked: first &+ index] = values[unchecked: index]
      descents &+= last > id ? 1 : 0
      last = id
    }
    return descents == 0
  }

  /// Counts the set of `size` pairs that was staged last.
  mutating func commit(_ size: Int, extras newExtras: Span<UInt32>) {
    precondition(newExtras.count == extrasPerSet)
    let first = count * extrasPerSet
    for index in 0..<extrasPerSet { extras[first + index] = newExtras[index] }
    resize(count: count + 1, pairs: pairs + size)
    offsets[count] = Int32(pairs)
  }

  /// Brings every set into ascending order of its ids.
  mutating func sortSets() {
    for record in 0..<count { sort(range(record)) }
  }

  /// Brings pairs into ascending order of their ids.
  private mutating func sort(_ range: Range<Int>) {
    keys.removeAll(keepingCapacity: true)
    for index in range { keys.append(UInt64(ids[index]) << 32 | UInt64(values[index])) }
    keys.sort()
    for (index, key) in zip(range, keys) {
      ids[index] = UInt32(truncatingIfNeeded: key >> 32)
      values[index] = UInt32(truncatingIfNeeded: key)
    }
  }
}
