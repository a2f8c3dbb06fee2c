import RefluxBytes
import RefluxFiles
public import RefluxTargets

/// What the sets of a sample store are like, and what takes its bytes.
public struct SampleStatistics: Sendable {
  /// Of how many ids the sets are.
  public internal(set) var uniqueIDs = CountHistogram()
  /// The teacher's probability of all ids of a set together: the field `mass`, or the sum of the
  /// weights; nil for counts without that field.
  public internal(set) var mass: NumberSummary?
  /// How many sets have a mass in each of 20 equal steps from 0 to 1; the last one also beyond.
  public internal(set) var massSteps = [Int](repeating: 0, count: 20)
  /// The optional fields.
  public internal(set) var fields: [(field: TargetScalar, numbers: NumberSummary)] = []
  /// Sets whose next token is known, and those of them that hold it; 0 without the tokens.
  public internal(set) var labels = 0
  public internal(set) var labelsInSupport = 0
  /// The share of the next token in those sets: 0 where they do not hold it.
  public internal(set) var labelShare = NumberSummary()
  /// What takes how many bytes; the sum is the size of all files.
  public internal(set) var parts: [StorePartSize] = []
  /// The size of all files.
  public internal(set) var fileBytes = 0

  /// The number of sets.
  public var records: Int { uniqueIDs.total }
  /// File bytes per set; 0 without sets.
  public var bytesPerRecord: Double { records == 0 ? 0 : Double(fileBytes) / Double(records) }
  /// File bytes per id of a set; 0 without ids.
  public var bytesPerUniqueID: Double {
    uniqueIDs.sum == 0 ? 0 : Double(fileBytes) / Double(uniqueIDs.sum)
  }

  /// Gathers the figures of a store.
  ///
  /// - Parameters:
  ///   - tokens: the tokens that the samples belong to, for what is said of the next token.
  ///   - watch: called now and then with the records done; false stops.
  /// - Throws: what reading throws, what `SampleStore.check(against:)` throws, and `stopped`.
  /// - Complexity: one pass over the store, with every rule checked.
  public init(
    _ samples: SampleStore, against tokens: TokenStore? = nil,
    watch: (_ done: Int, _ total: Int) -> Bool = { _, _ in true }
  ) throws(StoreError) {
    if let tokens {
      try tokens.checkWhole()
      try samples.check(against: tokens)
    }
    let store = samples.store
    var ledger = PartLedger()
    ledger.addHeads(store)
    fields = store.header.extras.map { ($0, NumberSummary()) }
    let reader = tokens?.makeReader()
    try SampleWalk(store, isStrict: true).forEachBlock(of: 0..<store.count) {
      sets, place throws(StoreError) in
      ledger.add(place.scanned.header, payload: Self.payload(place))
      add(sets, store.header)
      if let reader, let tokens { try addLabels(sets, place, reader, tokens.count, store.header) }
      guard watch(place.records.upperBound, store.count) else { throw .stopped }
    }
    ledger.addTails(store)
    parts = ledger.parts
    fileBytes = StoreSummary(store.shards).fileBytes
  }

  private mutating func add(_ sets: SampleBlock, _ header: StoreHeader) {
    let massField = header.extras.firstIndex(of: .mass)
    for record in 0..<sets.count {
      let range = sets.range(record)
      uniqueIDs.add(range.count)
      let extras = sets.extraRange(record).map { Double(Float(bitPattern: sets.extras[$0])) }
      for (place, value) in extras.enumerated() { fields[place].numbers.add(value) }
      if let massField {
        addMass(extras[massField])
      } else if header.isWeighted {
        addMass(range.reduce(0) { $0 + Double(Float(bitPattern: sets.values[$1])) })
      }
    }
  }

  private mutating func addMass(_ value: Double) {
    mass = mass ?? NumberSummary()
    mass?.add(value)
    let steps = massSteps.count
    massSteps[value < 1 ? Int(value * Double(steps)) : steps - 1] += 1
  }

  private mutating func addLabels(
    _ sets: SampleBlock, _ place: WalkedBlock, _ reader: TokenReader, _ tokens: Int,
    _ header: StoreHeader
  ) throws(StoreError) {
    let first = header.firstPosition + place.firstRecord + 1
    let ids = try reader.read(first..<min(first + sets.count, tokens))
    for (record, label) in ids.enumerated() {
      labels += 1
      let pair = sets.range(record).first { sets.ids[$0] == label }
      guard let pair else {
        labelShare.add(0)
        continue
      }
      labelsInSupport += 1
      let value = sets.values[pair]
      labelShare.add(
        header.isWeighted
          ? Double(Float(bitPattern: value)) : Double(value) / Double(header.provenance.rounds))
    }
  }

  /// What is in the payload of a block.
  private static func payload(_ place: WalkedBlock) -> [(String, Int)] {
    let (block, header) = (place.scanned.header, place.file.header)
    let (count, pairs) = (block.records, header.pairs(of: block))
    let fields = header.schema.fields
    let values = ("\(header.isWeighted ? "weights" : "counts")", pairs * fields[2].width)
    let extras = ("optional_fields", 4 * count * header.extras.count)
    switch block.codec {
    case .raw:
      return [
        ("lengths", count * fields[0].width), ("ids", pairs * fields[1].width), values, extras,
      ]
    case .lz4: return [("lz4_columns", block.storedBytes)]
    case .packed:
      let start = place.scanned.offset + StoreLimits.blockHeaderBytes
      let file = place.file.file
      let layout = PackedLayout(head: file.bytes.extracting(droppingFirst: start))
      return [
        ("packed_heads", PackedLayout.headBytes), ("code_tables", layout.codeBytes),
        ("lengths", layout.lengthBytes(records: count)), ("streams", layout.streamBytes),
        (values.0, header.isWeighted ? values.1 : 0), extras,
        ("reserved", PackedLayout.reservedBytes),
      ]
    }
  }
}
