import RefluxBytes
import RefluxFiles

/// Decodes whole blocks of sample sets and checks every rule of every record: for `verify`,
/// `recover` and `resume`, where thoroughness matters more than speed.
struct SampleBlockDecoder: ~Copyable {
  private let header: StoreHeader
  private let rules: SampleRules
  private var decoder: BlockDecoder
  private var lengths: [UInt32]
  private var ids: [UInt32]
  private var values: [UInt32]

  init(_ header: StoreHeader) {
    self.header = header
    rules = SampleRules(header)
    decoder = BlockDecoder(header)
    let elements = header.recordsPerBlock * header.capacity
    lengths = [UInt32](repeating: 0, count: header.recordsPerBlock)
    ids = [UInt32](repeating: 0, count: elements)
    values = [UInt32](repeating: 0, count: elements)
  }

  /// Decodes a checked block and hands over its records in order, ids beside counts or the bit
  /// patterns of weights.
  ///
  /// Throws at the first record that breaks a rule; the ones before it have been handed over.
  mutating func decode(
    _ file: MappedFile, _ block: ScannedBlock,
    each: (_ ids: Span<UInt32>, _ values: Span<UInt32>) -> Void
  ) throws(StoreFault) {
    let records = block.header.records
    try decoder.decode(file.bytes, offset: block.offset, block.header)
    _ = decoder.widen(0, into: &lengths)
    _ = decoder.widen(1, into: &ids)
    _ = decoder.widen(2, into: &values)
    let first = block.header.block * header.recordsPerBlock
    for slot in 0..<records {
      if let fault = check(slot) { throw .record(first + slot, fault) }
      let row = row(slot)
      each(ids.span.extracting(row), values.span.extracting(row))
    }
  }

  /// The used elements of a slot whose length is valid.
  private func row(_ slot: Int) -> Range<Int> {
    let start = slot * header.capacity
    return start..<start + Int(lengths[slot])
  }

  private func check(_ slot: Int) -> RecordFault? {
    let length = Int(lengths[slot])
    guard length <= header.capacity else { return .length(length, capacity: header.capacity) }
    let row = row(slot)
    for unused in row.upperBound..<(slot + 1) * header.capacity
    where ids[unused] != 0 || values[unused] != 0 {
      return .padding
    }
    return rules.fault(ids: ids.span.extracting(row), values: values.span.extracting(row))
  }
}
