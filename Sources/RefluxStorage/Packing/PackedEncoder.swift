import RefluxBytes

/// Packs the sample sets of a block (SPEC.md, section 5.4).
struct PackedEncoder {
  private let header: StoreHeader
  private let isWeighted: Bool
  private var pairs: PairCollector
  /// The symbol of each pair.
  private var symbols: [UInt16]
  private var layout = PackedLayout(stepClasses: 1, countClasses: 1, lengthBits: 0)
  /// The length of each symbol's code.
  private var lengths: [UInt8] = []
  /// Whether all pairs have the same symbol, whose code then takes no bits.
  private var isSingle = false

  init(_ header: StoreHeader, _ dictionary: RankDictionary) {
    self.header = header
    isWeighted = header.isWeighted
    pairs = PairCollector(header, dictionary)
    symbols = Array(repeating: 0, count: pairs.steps.count)
  }

  /// The size that `block` takes when it is packed; `write` then writes it.
  ///
  /// - Parameter block: its ids ascend in each set.
  /// - Complexity: three passes over the pairs and a prefix code for the block.
  mutating func plan(_ block: borrowing SampleBlock) -> Int {
    pairs.collect(block)
    var longest = 0
    for record in 0..<block.count { longest = max(longest, block.range(record).count) }
    layout = PackedLayout(
      stepClasses: DigitClass.of(pairs.stepBits | 1) + 1,
      countClasses: isWeighted ? 1 : DigitClass.of(pairs.valueBits | 1) + 1,
      lengthBits: Int.bitWidth - longest.leadingZeroBitCount)
    let counts = countSymbols()
    let all = (0..<layout.symbols).map { symbol in
      (0..<4).reduce(0) { $0 + counts[$1 * layout.symbols + symbol] }
    }
    lengths = PrefixCode.lengths(of: all)
    isSingle = lengths.count { $0 > 0 } == 1
    measureStreams(counts)
    return size(records: block.count)
  }

  private func size(records: Int) -> Int {
    layout.streamStart(records: records) + layout.streamBytes + PackedLayout.reservedBytes
      + (isWeighted ? pairs.count * header.schema.fields[2].width : 0)
      + records * 4 * header.extras.count
  }

  /// Finds the symbol of every pair; returns how often each occurs, stream after stream.
  private mutating func countSymbols() -> [UInt32] {
    var counts = [UInt32](repeating: 0, count: 4 * layout.symbols)
    for stream in 0..<4 {
      let range = PackedLayout.range(ofStream: stream, pairs: pairs.count)
      let first = stream * layout.symbols
      if isWeighted {
        Self.count(range, pairs, nil, &symbols, &counts, from: first)
      } else {
        Self.count(range, pairs, layout.countClasses, &symbols, &counts, from: first)
      }
    }
    return counts
  }

  @inline(__always)
  private static func count(
    _ range: Range<Int>, _ pairs: PairCollector, _ countClasses: Int?, _ symbols: inout [UInt16],
    _ counts: inout [UInt32], from first: Int
  ) {
    let (steps, values) = (pairs.steps.span, pairs.values.span)
    var symbolSlots = symbols.mutableSpan
    var countSlots = counts.mutableSpan
    for pair in range {
      var symbol = DigitClass.of(steps[pair])
      if let countClasses { symbol = symbol &* countClasses &+ DigitClass.of(values[pair]) }
      symbolSlots[pair] = UInt16(truncatingIfNeeded: symbol)
      countSlots[first &+ symbol] &+= 1
    }
  }

  /// - Parameter counts: how often each symbol occurs, stream after stream.
  private mutating func measureStreams(_ counts: [UInt32]) {
    let costs = (0..<layout.symbols).map { symbol in
      let (step, count) = symbol.quotientAndRemainder(dividingBy: layout.countClasses)
      return codeBits(symbol) + step + count
    }
    for stream in 0..<4 {
      var bits = 0
      for (symbol, cost) in costs.enumerated() {
        bits += Int(counts[stream * layout.symbols + symbol]) * cost
      }
      layout.streams[stream] = (bits + 7) / 8
    }
  }

  private func codeBits(_ symbol: Int) -> Int { isSingle ? 0 : Int(lengths[symbol]) }

  /// Writes the payload that was planned last to `target` from `offset` on.
  mutating func write(
    _ block: borrowing SampleBlock, to target: inout BlockBuffer, at offset: Int
  ) {
    let head = encodedHead()
    target.copy(head.rawSpan, to: offset)
    var position = offset + head.count
    writeLengths(block, to: &target, at: position)
    position += layout.lengthBytes(records: block.count)
    writeStreams(to: &target, at: position)
    position += layout.streamBytes
    if isWeighted {
      let column = WeightColumn(header.values)
      column.store(pairs.values, count: pairs.count, to: &target, at: position)
      position += pairs.count * column.width
    }
    position += block.storeExtras(to: &target, at: position)
    target.clear(position..<position + PackedLayout.reservedBytes)
  }

  private func encodedHead() -> [UInt8] {
    var writer = ByteWriter(capacity: PackedLayout.headBytes + layout.codeBytes)
    writer.write(
      [layout.stepClasses, layout.countClasses, layout.lengthBits, 0].map { UInt8($0) })
    for stream in 0..<4 { writer.write(UInt32(layout.streams[stream])) }
    writer.write(
      (0..<layout.codeBytes).map { byte in
        let second = 2 * byte + 1 < lengths.count ? lengths[2 * byte + 1] : 0
        return lengths[2 * byte] | second << 4
      })
    return writer.bytes
  }

  private func writeLengths(
    _ block: borrowing SampleBlock, to target: inout BlockBuffer, at offset: Int
  ) {
    var writer = target.bitWriter(
      at: offset, byteLimit: layout.lengthBytes(records: block.count) + 8)
    for record in 0..<block.count {
      writer.write(UInt64(block.range(record).count), count: layout.lengthBits)
    }
  }

  private func writeStreams(to target: inout BlockBuffer, at offset: Int) {
    // Per symbol the bits of its code, and the code above them.
    let codes = zip(PrefixCode.codes(of: lengths), 0...).map { code, symbol in
      isSingle ? 0 : UInt32(code) << 8 | UInt32(codeBits(symbol))
    }
    let (steps, values, symbols) = (pairs.steps.span, pairs.values.span, symbols.span)
    var start = offset
    for stream in 0..<4 {
      var writer = target.bitWriter(at: start, byteLimit: layout.streams[stream] + 8)
      for pair in PackedLayout.range(ofStream: stream, pairs: pairs.count) {
        let code = codes[Int(symbols[pair])]
        var (word, bits) = (UInt64(code &>> 8), Int(code & 0xFF))
        Self.append(steps[pair], &word, &bits)
        if !isWeighted { Self.append(values[pair], &word, &bits) }
        writer.write(word, count: bits)
      }
      start += layout.streams[stream]
    }
  }

  /// Adds the digits of `value` after its first one to a word.
  @inline(__always)
  private static func append(_ value: UInt32, _ word: inout UInt64, _ bits: inout Int) {
    let extra = DigitClass.of(value)
    let digits = UInt64(value) & (1 &<< UInt64(extra) &- 1)
    word |= digits &<< UInt64(bits)
    bits &+= extra
  }
}
