import RefluxBytes

/// Unpacks the sample sets of a block (SPEC.md, section 5.4).
///
/// First the four streams, side by side and without a look at the records, into steps and counts;
/// then record by record the sums of the steps and the ids of those ranks.
struct PackedDecoder {
  private let header: StoreHeader
  private let dictionary: RankDictionary
  private var table = PairTable()
  private var layout = PackedLayout(stepClasses: 1, countClasses: 1, lengthBits: 0)

  init(_ header: StoreHeader, _ dictionary: RankDictionary) {
    self.header = header
    self.dictionary = dictionary
  }

  /// Unpacks `payload` into `block`, whose `count` and `pairs` are set.
  ///
  /// Afterwards every length is at most the capacity and every id below the vocabulary.
  /// - Parameter alone: the only set that is wanted; the pairs of the others are left undefined.
  mutating func decode(
    _ payload: RawSpan, into block: inout SampleBlock, alone: Int? = nil
  ) throws(StoreFault) {
    let (count, pairs) = (block.count, block.pairs)
    try block.withTarget { target throws(StoreFault) in
      try decode(payload, into: target, alone: alone)
    }
    var end = layout.streamStart(records: count) + layout.streamBytes
    if header.isWeighted {
      let column = WeightColumn(header.values)
      let bytes = pairs * column.width
      column.load(payload.extracting(end..<end + bytes), into: &block)
      end += bytes
    }
    block.loadExtras(payload.extracting(end..<payload.byteCount - PackedLayout.reservedBytes))
  }

  /// Unpacks lengths, ids and counts alone; see the other `decode`.
  mutating func decode(
    _ payload: RawSpan, into target: SetTarget, alone: Int? = nil
  ) throws(StoreFault) {
    try readHead(payload, target)
    try readLengths(payload, into: target)
    let start = layout.streamStart(records: target.count)
    if let alone {
      table.decode(target.range(alone), payload, from: start, layout, into: target)
    } else if !table.decode(payload, from: start, layout, into: target) {
      throw .packing("the end of a stream")
    }
    try resolve(alone.map { $0..<$0 + 1 } ?? 0..<target.count, of: target)
  }

  private mutating func readHead(
    _ payload: RawSpan, _ block: SetTarget
  ) throws(StoreFault) {
    layout = PackedLayout(head: payload)
    let counts = header.isWeighted ? 1 : PackedLayout.maximumCountClasses
    guard (1...PackedLayout.maximumStepClasses).contains(layout.stepClasses),
      (1...counts).contains(layout.countClasses),
      layout.lengthBits <= PackedLayout.maximumLengthBits, payload.byte(at: 3) == 0
    else { throw .packing("the numbers of classes") }
    let weights = header.isWeighted ? block.pairs * header.schema.fields[2].width : 0
    let size =
      layout.streamStart(records: block.count) + layout.streamBytes + weights
      + 4 * block.count * header.extras.count + PackedLayout.reservedBytes
    guard size == payload.byteCount,
      payload.littleEndianUInt64(at: size - PackedLayout.reservedBytes) == 0
    else { throw .packing("the sizes of the streams") }
    let codes = payload.extracting(
      PackedLayout.headBytes..<PackedLayout.headBytes + layout.codeBytes)
    guard table.build(codes, layout, isEmpty: block.pairs == 0) else {
      throw .packing("the prefix code")
    }
  }

  private func readLengths(
    _ payload: RawSpan, into block: SetTarget
  ) throws(StoreFault) {
    let start = PackedLayout.headBytes + layout.codeBytes
    let mask = UInt64(1) << UInt64(layout.lengthBits) - 1
    var (bit, sum) = (0, 0)
    for record in 0..<block.count {
      // The reserved bytes at the end let the last loads go beyond the lengths.
      let word = payload.littleEndianUInt64(at: start + bit >> 3) >> UInt64(bit & 7)
      let length = Int(word & mask)
      guard length <= header.capacity else {
        throw .packing("a length of \(length) beyond the capacity of \(header.capacity)")
      }
      sum += length
      guard sum <= block.pairs else { throw .packing("the sum of the lengths") }
      unsafe block.offsets[record + 1] = Int32(truncatingIfNeeded: block.first + sum)
      bit += layout.lengthBits
    }
    guard sum == block.pairs, bit & 7 == 0 || payload.byte(at: start + bit >> 3) >> (bit & 7) == 0
    else { throw .packing("the sum of the lengths") }
  }

  /// Turns steps into ids: within a set their sums are ranks.
  ///
  /// One loop over all pairs, in which the first step of a set carries a flag: a loop for each set
  /// would end where the processor does not expect it.
  private func resolve(_ sets: Range<Int>, of target: SetTarget) throws(StoreFault) {
    let last = header.vocabularySize - 1
    let (offsets, ids) = unsafe (target.offsets, target.ids)
    let start = unsafe Int(offsets[sets.lowerBound])
    let end = unsafe Int(offsets[sets.upperBound])
    for record in sets {
      let first = unsafe Int(offsets[record])
      if unsafe first < offsets[record + 1] { unsafe ids[first] |= Self.firstOfSet }
    }
    let highest = unsafe dictionary.ids.withUnsafeBufferPointer { idOfRank in
      var (rank, highest) = (-1, 0)
      for index in start..<end {
        let step = unsafe ids[index]
        // All ones where a set begins: its ranks count from -1.
        rank |= 0 &- Int(step &>> 31)
        rank &+= Int(step & ~Self.firstOfSet)
        unsafe ids[index] = idOfRank[min(rank, last)]
        highest = max(highest, rank)
      }
      return highest
    }
    guard highest <= last else { throw .packing("a rank beyond the vocabulary of \(last + 1)") }
  }

  /// Beyond every step, which are at most 2^25.
  private static let firstOfSet: UInt32 = 1 << 31
}
