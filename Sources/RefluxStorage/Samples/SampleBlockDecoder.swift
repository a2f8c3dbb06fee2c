import RefluxBytes
import RefluxFiles

/// Decodes blocks of sample sets, in memory of its own that is reused for the next one.
struct SampleBlockDecoder: ~Copyable {
  /// The sets of the block that was decoded last.
  var block: SampleBlock
  private let header: StoreHeader
  private let rules: SampleRules
  private var columns: BlockBuffer
  private var packed: PackedDecoder?

  init(_ header: StoreHeader, _ dictionary: RankDictionary?) {
    self.header = header
    rules = SampleRules(header)
    block = SampleBlock(header)
    columns = BlockBuffer(capacity: header.rawBytesLimit(records: header.recordsPerBlock))
    packed = dictionary.map { PackedDecoder(header, $0) }
  }

  /// Decodes a checked block at `offset` of `file`.
  ///
  /// Afterwards no set is longer than the capacity and no wanted id beyond the vocabulary; the sets
  /// of packed blocks are in the order of their ranks.
  /// - Parameter alone: the only set that is wanted, which saves time; the ids and counts of the
  ///   others are then left undefined.
  mutating func decode(
    _ file: RawSpan, offset: Int, _ header: BlockHeader, alone: Int? = nil
  ) throws(StoreFault) {
    let start = offset + StoreLimits.blockHeaderBytes
    let stored = file.extracting(start..<start + header.storedBytes)
    block.resize(count: header.records, pairs: self.header.pairs(of: header))
    switch header.codec {
    case .raw: try block.load(stored, self.header, alone: alone)
    case .lz4:
      guard LZ4.decompress(stored, into: &columns, count: header.rawBytes) else {
        throw .compression(expected: header.rawBytes)
      }
      try Self.load(columns, header.rawBytes, self.header, into: &block, alone: alone)
    case .packed: try packed?.decode(stored, into: &block, alone: alone)
    }
  }

  /// Decodes all sets of a checked block of counts straight into the caller's memory.
  ///
  /// - Parameter extras: whether the optional fields are wanted too, in `block`, whose sets then
  ///   mean nothing; otherwise they are left out.
  mutating func decode(
    _ file: RawSpan, offset: Int, _ header: BlockHeader, into target: SetTarget,
    extras: Bool = false
  ) throws(StoreFault) {
    let start = offset + StoreLimits.blockHeaderBytes
    let stored = file.extracting(start..<start + header.storedBytes)
    if extras { block.resize(count: header.records, pairs: 0) }
    let bytes = extras ? block.extraBytes : 0
    switch header.codec {
    case .raw:
      try target.load(stored, self.header)
      if extras { block.loadExtras(stored.extracting(last: bytes)) }
    case .lz4:
      guard LZ4.decompress(stored, into: &columns, count: header.rawBytes) else {
        throw .compression(expected: header.rawBytes)
      }
      try target.load(columns.bytes(first: header.rawBytes), self.header)
      if extras { Self.loadExtras(columns, header.rawBytes, into: &block) }
    case .packed:
      try packed?.decode(stored, into: target)
      let end = stored.byteCount - PackedLayout.reservedBytes
      if extras { block.loadExtras(stored.extracting(end - bytes..<end)) }
    }
    target.divide(by: self.header.provenance.rounds)
  }

  private static func loadExtras(
    _ columns: borrowing BlockBuffer, _ count: Int, into block: inout SampleBlock
  ) {
    block.loadExtras(columns.bytes(first: count).extracting(last: block.extraBytes))
  }

  private static func load(
    _ columns: borrowing BlockBuffer, _ count: Int, _ header: StoreHeader,
    into block: inout SampleBlock, alone: Int?
  ) throws(StoreFault) {
    try block.load(columns.bytes(first: count), header, alone: alone)
  }

  /// Checks every rule of the sets that were decoded last, and brings them into the order of
  /// their ids.
  ///
  /// - Parameter first: the record of the first set, for the message.
  mutating func checkRules(_ header: BlockHeader, first: Int) throws(StoreFault) {
    if header.codec == .packed { block.sortSets() }
    for record in 0..<block.count {
      let range = block.range(record)
      let fault = rules.fault(
        ids: block.ids.span.extracting(range), values: block.values.span.extracting(range),
        extras: block.extras.span.extracting(block.extraRange(record)))
      if let fault { throw .record(first + record, fault) }
    }
  }

  /// The sum of the fingerprints of the sets, which are in the order of their ids.
  func fingerprint(position: Int) -> UInt64 {
    var sum: UInt64 = 0
    var bytes = RecordHasher()
    for record in 0..<block.count {
      let range = block.range(record)
      sum &+= bytes.hash(
        ids: block.ids.span.extracting(range), values: block.values.span.extracting(range),
        extras: block.extras.span.extracting(block.extraRange(record)),
        position: position + record)
    }
    return sum
  }
}
