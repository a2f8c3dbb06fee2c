import RefluxBytes

/// Plain columns (SPEC.md, section 5.3) straight into their place.
extension SetTarget {
  /// Takes over lengths, ids and counts of the columns.
  func load(_ columns: RawSpan, _ header: StoreHeader) throws(StoreFault) {
    try loadLengths(columns, header)
    let fields = header.schema.fields
    let start = count * fields[0].width
    let end = start + pairs * fields[1].width
    let largest = unsafe widen(columns.extracting(start..<end), fields[1].width, to: ids)
    if Int(largest) >= header.vocabularySize {
      throw .packing("id \(largest), beyond the vocabulary of \(header.vocabularySize)")
    }
    let counts = columns.extracting(end..<end + pairs * fields[2].width)
    _ = unsafe widen(counts, fields[2].width, to: values)
  }

  /// Turns the lengths at the start of the columns into offsets.
  func loadLengths(_ columns: RawSpan, _ header: StoreHeader) throws(StoreFault) {
    let width = header.schema.fields[0].width
    let column = columns.extracting(first: count * width)
    var (sum, longest) = (first, 0)
    for record in 0..<count {
      let length =
        switch width {
        case 1: Int(column.byte(at: record))
        case 2: Int(column.littleEndianUInt16(at: 2 * record))
        default: Int(column.littleEndianUInt32(at: 4 * record))
        }
      sum &+= length
      longest = max(longest, length)
      unsafe offsets[record + 1] = Int32(truncatingIfNeeded: sum)
    }
    guard longest <= header.capacity else {
      throw .packing("a length of \(longest) beyond the capacity of \(header.capacity)")
    }
    guard sum == first + pairs else { throw .packing("the sum of the lengths") }
  }

  /// Widens all pairs of a column; returns the largest.
  private func widen(
    _ column: RawSpan, _ width: Int, to memory: UnsafeMutablePointer<UInt32>
  ) -> UInt32 {
    var target = unsafe MutableSpan(_unsafeStart: memory + first, count: pairs)
    if width == 3 {
      return ColumnCodec.widen(
        column.extracting(first: 2 * pairs), column.extracting(droppingFirst: 2 * pairs),
        into: &target, at: 0)
    }
    return ColumnCodec.widen(column, width: width, into: &target, at: 0)
  }
}
