import RefluxBytes

/// Packs the sample sets of a block (SPEC.md, section 5.4).
struct PackedEncoder {
  private let ranks: [UInt32]
  private let header: StoreHeader
  private let isWeighted: Bool
  /// Steps between ranks, and counts or bit patterns of weights, in the order of the pairs.
  private var steps: [UInt32] = []
  private var values: [UInt32] = []
  private var keys: [UInt64] = []
  private var layout = PackedLayout(stepClasses: 1, countClasses: 1, lengthBits: 0)
  private var lengths: [UInt8] = []

  init(_ header: StoreHeader, _ dictionary: RankDictionary) {
    self.header = header
    isWeighted = header.isWeighted
    ranks = dictionary.ranks()
  }

  /// The size that `block` takes when it is packed; `write` then writes it.
  ///
  /// Cost: a sort of each set and a prefix code for the block.
  mutating func plan(_ block: borrowing SampleBlock) -> Int {
    collect(block)
    var longest = 0
    for record in 0..<block.count { longest = max(longest, block.range(record).count) }
    layout = PackedLayout(
      stepClasses: classes(of: steps),
      countClasses: isWeighted ? 1 : classes(of: values),
      lengthBits: Int.bitWidth - longest.leadingZeroBitCount)
    let symbols = histogram()
    lengths = PrefixCode.lengths(of: symbols)
    measureStreams()
    return size(records: block.count)
  }

  private func size(records: Int) -> Int {
    layout.streamStart(records: records) + layout.streamBytes + PackedLayout.reservedBytes
      + (isWeighted ? steps.count * header.schema.fields[2].width : 0)
      + records * 4 * header.extras.count
  }

  /// Brings the pairs into the order of their ranks.
  private mutating func collect(_ block: borrowing SampleBlock) {
    steps.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    for record in 0..<block.count {
      let range = block.range(record)
      sort(block, range)
      var end: UInt32 = 0
      for key in keys {
        let next = UInt32(truncatingIfNeeded: key &>> 32) &+ 1
        steps.append(next &- end)
        values.append(UInt32(truncatingIfNeeded: key))
        end = next
      }
    }
  }

  /// One set as ascending keys of rank and value.
  private mutating func sort(_ block: borrowing SampleBlock, _ range: Range<Int>) {
    keys.removeAll(keepingCapacity: true)
    for index in range {
      keys.append(UInt64(ranks[Int(block.ids[index])]) << 32 | UInt64(block.values[index]))
    }
    // Most sets are short: insertion beats the general sort up to some twenty keys.
    if keys.count > 20 {
      keys.sort()
    } else {
      unsafe keys.withUnsafeMutableBufferPointer { keys in
        for index in keys.indices.dropFirst() {
          let key = unsafe keys[index]
          var place = index
          while place > 0, unsafe keys[place - 1] > key {
            unsafe keys[place] = keys[place - 1]
            place -= 1
          }
          unsafe keys[place] = key
        }
      }
    }
  }

  private func classes(of numbers: [UInt32]) -> Int {
    DigitClass.of(numbers.reduce(1, |)) + 1
  }

  private func symbol(_ pair: Int) -> Int {
    let step = DigitClass.of(steps[pair])
    return isWeighted
      ? step : step &* layout.countClasses &+ DigitClass.of(values[pair])
  }

  private func histogram() -> [UInt32] {
    var counts = [UInt32](repeating: 0, count: layout.symbols)
    for pair in steps.indices { counts[symbol(pair)] += 1 }
    return counts
  }

  private mutating func measureStreams() {
    let costs = (0..<layout.symbols).map { symbol in
      let (step, count) = symbol.quotientAndRemainder(dividingBy: layout.countClasses)
      return codeBits(symbol) + step + count
    }
    for stream in 0..<4 {
      var bits = 0
      for pair in PackedLayout.range(ofStream: stream, pairs: steps.count) {
        bits += costs[symbol(pair)]
      }
      layout.streams[stream] = (bits + 7) / 8
    }
  }

  /// The bits of a symbol's code; a symbol that is alone needs none.
  private func codeBits(_ symbol: Int) -> Int {
    isSingle ? 0 : Int(lengths[symbol])
  }

  private var isSingle: Bool { lengths.count { $0 > 0 } == 1 }

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
      column.store(values, to: &target, at: position)
      position += values.count * column.width
    }
    position += block.storeExtras(to: &target, at: position)
    target.clear(position..<position + PackedLayout.reservedBytes)
  }

  private func encodedHead() -> [UInt8] {
    var writer = ByteWriter(capacity: PackedLayout.headBytes + layout.codeBytes)
    writer.write(UInt8(layout.stepClasses))
    writer.write(UInt8(layout.countClasses))
    writer.write(UInt8(layout.lengthBits))
    writer.write(UInt8(0))
    for stream in 0..<4 { writer.write(UInt32(layout.streams[stream])) }
    for first in stride(from: 0, to: lengths.count, by: 2) {
      writer.write(lengths[first] | (first + 1 < lengths.count ? lengths[first + 1] << 4 : 0))
    }
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
    let codes = PrefixCode.codes(of: lengths)
    let bitsOfCodes = (0..<layout.symbols).map(codeBits)
    var start = offset
    for stream in 0..<4 {
      let pairs = PackedLayout.range(ofStream: stream, pairs: steps.count)
      var writer = target.bitWriter(at: start, byteLimit: layout.streams[stream] + 8)
      for pair in pairs {
        let symbol = symbol(pair)
        var (word, bits) = (UInt64(codes[symbol]), bitsOfCodes[symbol])
        if bits == 0 { word = 0 }
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
