/// The pairs of a block in the order in which they are packed: set after set, each in the order of
/// its ranks, as steps and values (SPEC.md, section 5.4).
struct PairCollector {
  /// Per id its class in the highest eight bits and its rank in the others.
  private let entries: [UInt32]
  /// Pairs that were collected.
  private(set) var count = 0
  /// The step of each pair.
  private(set) var steps: [UInt32]
  /// The count of each pair, or the bit pattern of its weight.
  private(set) var values: [UInt32]
  /// The bits that any step has.
  private(set) var stepBits: UInt32 = 0
  /// The bits that any value has.
  private(set) var valueBits: UInt32 = 0

  init(_ header: StoreHeader, _ dictionary: RankDictionary) {
    entries = zip(dictionary.classes, dictionary.ranks()).map { UInt32($0) << 24 | $1 }
    let pairs = header.recordsPerBlock * header.capacity
    steps = Array(repeating: 0, count: pairs)
    values = Array(repeating: 0, count: pairs)
  }

  /// Collects the pairs of `block`, whose ids are below the vocabulary and ascend in each set.
  ///
  /// Ranks go by the class and then by the id. Ids that ascend are therefore in the order of their
  /// ranks once they are dealt out to their classes: a sort without a comparison.
  mutating func collect(_ block: borrowing SampleBlock) {
    count = block.pairs
    precondition(count <= steps.count && count <= block.ids.count)
    (stepBits, valueBits) = (0, 0)
    for record in 0..<block.count {
      let range = block.range(record)
      valueBits |= Self.deal(block, range, entries, ranks: &steps, values: &values)
      stepBits |= Self.takeSteps(range, ranks: &steps)
    }
  }

  /// Writes the ranks and values of a set in the order of its ranks; returns the values' bits.
  @inline(__always)
  private static func deal(
    _ block: borrowing SampleBlock, _ range: Range<Int>, _ entries: [UInt32],
    ranks: inout [UInt32], values: inout [UInt32]
  ) -> UInt32 {
    let (entries, ids, sources) = (entries.span, block.ids.span, block.values.span)
    var rankSlots = ranks.mutableSpan
    var valueSlots = values.mutableSpan
    var places = places(entries, ids, range)
    var bits: UInt32 = 0
    for index in range {
      // Safe because the places are a permutation of the range, which is within the block.
      let entry = entries[Int(unsafe ids[unchecked: index])]
      let place = places[Int(entry &>> 24)]
      places[Int(entry &>> 24)] = place &+ 1
      unsafe rankSlots[unchecked: place] = entry & 0xFF_FFFF
      let value = unsafe sources[unchecked: index]
      unsafe valueSlots[unchecked: place] = value
      bits |= value
    }
    return bits
  }

  /// Turns the ranks of a set into steps; returns their bits.
  @inline(__always)
  private static func takeSteps(_ range: Range<Int>, ranks: inout [UInt32]) -> UInt32 {
    var slots = ranks.mutableSpan
    var (end, bits) = (UInt32(0), UInt32(0))
    for index in range {
      let next = slots[index] &+ 1
      slots[index] = next &- end
      bits |= next &- end
      end = next
    }
    return bits
  }

  /// Where the pairs of each class of a set start.
  @inline(__always)
  private static func places(
    _ entries: Span<UInt32>, _ ids: Span<UInt32>, _ range: Range<Int>
  ) -> InlineArray<16, Int> {
    var places = InlineArray<16, Int>(repeating: 0)
    for index in range { places[Int(entries[Int(ids[index])] &>> 24)] &+= 1 }
    var end = range.lowerBound
    for number in 0..<16 {
      let size = places[number]
      places[number] = end
      end &+= size
    }
    return places
  }
}
