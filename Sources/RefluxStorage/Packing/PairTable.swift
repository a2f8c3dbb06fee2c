import RefluxBytes

/// What the next eleven bits of a stream say: the table of a block's prefix code.
@safe
struct PairTable {
  /// Bytes of one entry, from the lowest: all bits of the pair, those of its code, of the digits of
  /// its step, of its count.
  private var entries: [UInt32]
  /// The longest code of the block, which the table answers.
  private var bits = 0
  /// The code length of every symbol that a block can have; memory of `build`.
  private var lengths: [UInt8]
  /// Memory of `build` too: symbols in the order of their lengths, and where each length ends.
  private var symbolsByLength: [UInt16]
  private var endsOfLengths: InlineArray<16, Int> = .init(repeating: 0)

  init() {
    entries = Array(repeating: 0, count: 1 << PrefixCode.maximumLength)
    lengths = Array(
      repeating: 0, count: PackedLayout.maximumStepClasses * PackedLayout.maximumCountClasses)
    symbolsByLength = Array(repeating: 0, count: lengths.count)
  }

  /// Fills the table from the code lengths of a block; false where they are no complete code.
  mutating func build(_ codes: RawSpan, _ layout: PackedLayout, isEmpty: Bool) -> Bool {
    for symbol in lengths.indices {
      lengths[symbol] =
        symbol < layout.symbols ? codes.byte(at: symbol / 2) >> (symbol % 2 * 4) & 15 : 0
    }
    if layout.symbols % 2 == 1, codes.byte(at: codes.byteCount - 1) >> 4 != 0 { return false }
    if isEmpty { return lengths.allSatisfy { $0 == 0 } }
    guard PrefixCode.isComplete(lengths) else { return false }
    // A symbol that is alone takes no bits.
    if lengths.count(where: { $0 > 0 }) == 1 {
      bits = 0
      let symbol = lengths.firstIndex { $0 > 0 } ?? 0
      entries[0] = Self.entry(symbol, layout, length: 0)
    } else {
      bits = Int(lengths.max() ?? 0)
      fill(layout)
    }
    return true
  }

  /// A table of L bits is that of L - 1 bits twice, and a place for each code of L bits.
  private mutating func fill(_ layout: PackedLayout) {
    var codes = PrefixCode.Codes(lengths)
    sortSymbols(layout)
    let (bits, lengths, symbols, ends) = (bits, lengths, symbolsByLength, endsOfLengths)
    unsafe entries.withUnsafeMutableBufferPointer { buffer in
      guard let entries = buffer.baseAddress else { return }
      var next = ends[0]
      for length in 1...bits {
        let half = 1 << (length - 1)
        unsafe (entries + half).update(from: entries, count: half)
        while next < ends[length] {
          let symbol = Int(symbols[next])
          let place = Int(codes.next(length: Int(lengths[symbol])))
          unsafe entries[place] = Self.entry(symbol, layout, length: length)
          next += 1
        }
      }
    }
  }

  /// Symbols by the length of their codes, those of one length in their own order.
  private mutating func sortSymbols(_ layout: PackedLayout) {
    var counts: InlineArray<16, Int> = .init(repeating: 0)
    for symbol in 0..<layout.symbols { counts[Int(lengths[symbol])] += 1 }
    var places: InlineArray<16, Int> = .init(repeating: 0)
    for length in 1..<16 { places[length] = places[length - 1] + counts[length - 1] }
    for symbol in 0..<layout.symbols {
      let length = Int(lengths[symbol])
      symbolsByLength[places[length]] = UInt16(symbol)
      places[length] += 1
    }
    endsOfLengths = places
  }

  private static func entry(_ symbol: Int, _ layout: PackedLayout, length: Int) -> UInt32 {
    let (step, count) = symbol.quotientAndRemainder(dividingBy: layout.countClasses)
    return UInt32(length + step + count | length << 8 | step << 16 | count << 24)
  }

  /// Reads the four streams side by side into the steps and counts of `target`.
  ///
  /// - Parameter start: where the first stream starts in `payload`, which has eight more bytes
  ///   after the last one.
  /// - Returns: whether every stream ends where it should.
  func decode(
    _ payload: RawSpan, from start: Int, _ layout: PackedLayout, into target: SetTarget
  ) -> Bool {
    let pairs = target.pairs
    // Where the streams start: their bits, and their pairs.
    var bits = SIMD4<Int>(repeating: 8 * start)
    var ends = bits
    var firsts = SIMD4<Int>()
    for stream in 0..<4 {
      firsts[stream] = PackedLayout.range(ofStream: stream, pairs: pairs).lowerBound
      ends[stream] = bits[stream] + 8 * layout.streams[stream]
      if stream < 3 { bits[stream + 1] = ends[stream] }
    }
    withReader(payload, into: target) { reader in
      if layout.stepClasses + layout.countClasses - 2 <= PairReader.mostDigits {
        return reader.read(pairs, firsts, &bits)
      }
      for stream in 0..<4 {
        reader.read(PackedLayout.range(ofStream: stream, pairs: pairs), from: &bits[stream])
      }
    }
    for stream in 0..<4 {
      let (bit, end) = (bits[stream], ends[stream])
      guard (bit + 7) & ~7 == end, bit == end || payload.byte(at: bit / 8) >> (bit & 7) == 0
      else { return false }
    }
    return true
  }

  /// Reads the streams no further than the pairs `wanted` need.
  func decode(
    _ wanted: Range<Int>, _ payload: RawSpan, from start: Int, _ layout: PackedLayout,
    into target: SetTarget
  ) {
    var bit = 8 * start
    for stream in 0..<4 {
      let pairs = PackedLayout.range(ofStream: stream, pairs: target.pairs)
      if pairs.overlaps(wanted) {
        let needed = pairs.lowerBound..<min(pairs.upperBound, wanted.upperBound)
        var place = bit
        withReader(payload, into: target) { $0.read(needed, from: &place) }
      }
      bit += 8 * layout.streams[stream]
    }
  }

  private func withReader(
    _ payload: RawSpan, into target: SetTarget, _ body: (PairReader) -> Void
  ) {
    let mask = UInt64(1) << UInt64(bits) - 1
    unsafe payload.withUnsafeBytes { memory in
      unsafe entries.withUnsafeBufferPointer { entries in
        guard let bytes = memory.baseAddress, let entries = entries.baseAddress else { return }
        body(
          unsafe PairReader(
            bytes: bytes, limit: memory.count - 8, entries: entries, mask: mask,
            steps: target.ids + target.first, counts: target.values + target.first))
      }
    }
  }
}
