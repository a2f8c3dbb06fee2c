import RefluxBytes

/// Plain columns (SPEC.md, section 5.3).
extension SampleBlock {
  /// Takes over the columns of `count` sets with `pairs` pairs.
  ///
  /// - Parameter alone: the only set whose ids and counts are wanted; those of the others are left
  ///   undefined.
  mutating func load(
    _ columns: RawSpan, _ header: StoreHeader, alone: Int? = nil
  ) throws(StoreFault) {
    let wanted = try withTarget { target throws(StoreFault) in
      try target.loadLengths(columns, header)
      return alone.map(target.range) ?? 0..<target.pairs
    }
    var end = count * header.schema.fields[0].width
    let idBytes = pairs * header.schema.fields[1].width
    let largest = loadIDs(columns.extracting(end..<end + idBytes), wanted, header)
    end += idBytes
    let valueBytes = pairs * header.schema.fields[2].width
    loadValues(columns.extracting(end..<end + valueBytes), wanted, header)
    loadExtras(columns.extracting(droppingFirst: end + valueBytes))
    if Int(largest) >= header.vocabularySize {
      throw .packing("id \(largest), beyond the vocabulary of \(header.vocabularySize)")
    }
  }

  /// Widens the ids of the pairs `wanted`; returns the largest.
  private mutating func loadIDs(
    _ column: RawSpan, _ wanted: Range<Int>, _ header: StoreHeader
  ) -> UInt32 {
    let width = header.schema.fields[1].width
    let first = wanted.lowerBound
    let high = 2 * pairs
    var target = ids.mutableSpan
    if width == 3 {
      return ColumnCodec.widen(
        column.extracting(2 * first..<2 * wanted.upperBound),
        column.extracting(high + first..<high + wanted.upperBound), into: &target, at: first)
    }
    return ColumnCodec.widen(
      column.extracting(width * first..<width * wanted.upperBound), width: width, into: &target,
      at: first)
  }

  /// Widens the counts of the pairs `wanted`, or takes over all weights.
  private mutating func loadValues(
    _ column: RawSpan, _ wanted: Range<Int>, _ header: StoreHeader
  ) {
    if header.isWeighted {
      WeightColumn(header.values).load(column, into: &self)
    } else {
      let width = header.schema.fields[2].width
      var target = values.mutableSpan
      _ = ColumnCodec.widen(
        column.extracting(width * wanted.lowerBound..<width * wanted.upperBound), width: width,
        into: &target, at: wanted.lowerBound)
    }
  }

  /// Writes the columns to the start of `target`; returns their size.
  func store(to target: inout BlockBuffer, _ header: StoreHeader) -> Int {
    let fields = header.schema.fields
    let lengths = (0..<count).map { UInt32(range($0).count) }
    target.store(lengths.span, width: fields[0].width, at: 0)
    var end = count * fields[0].width
    let used = ids.span.extracting(0..<pairs)
    if fields[1].width == 3 {
      target.store(used, width: 2, at: end)
      target.store(used, shift: 16, width: 1, at: end + 2 * pairs)
    } else {
      target.store(used, width: fields[1].width, at: end)
    }
    end += pairs * fields[1].width
    if header.isWeighted {
      WeightColumn(header.values).store(values, count: pairs, to: &target, at: end)
    } else {
      target.store(values.span.extracting(0..<pairs), width: fields[2].width, at: end)
    }
    end += pairs * fields[2].width
    return end + storeExtras(to: &target, at: end)
  }
}
