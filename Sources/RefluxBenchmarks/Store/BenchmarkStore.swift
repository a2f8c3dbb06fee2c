internal import RefluxFiles
internal import RefluxStorage

/// The one place that knows how stores are written and opened here.
struct BenchmarkStore {
  let path: String
  let store: SampleStore

  /// Opens a store that `write` made.
  init(path: String) throws(BenchmarkError) {
    self.path = path
    store = try naming(path) { () throws(StoreError) in try SampleStore(path: path) }
  }

  /// Bytes per record with every field at its full width, before any compression.
  var fixedRecordBytes: Int { store.header.recordBytes }
  /// Records in every block but the last.
  var recordsPerBlock: Int { store.header.recordsPerBlock }

  /// Writes `sets` as a sealed store, but for the flush to the medium: that is the drive's time.
  ///
  /// - Parameter frequencies: for the dictionary of a packed store.
  static func write(
    _ sets: SampleSets, _ form: StoreForm, frequencies: [UInt64], path: String
  ) throws(BenchmarkError) {
    try naming(path) { () throws(StoreError) in
      var calls = FileCalls.system
      calls.sync = { _ in 0 }
      let writer = try SampleStoreWriter(
        path: path, configuration: configuration(sets, form, frequencies), fileID: 1, calls: calls)
      let (ids, counts) = (sets.ids.span, sets.counts.span)
      for record in 0..<sets.count {
        let pairs = sets.pairs(of: record)
        try writer.append(ids: ids.extracting(pairs), counts: counts.extracting(pairs))
      }
      _ = try writer.seal()
    }
  }

  private static func configuration(
    _ sets: SampleSets, _ form: StoreForm, _ frequencies: [UInt64]
  ) -> SampleStoreConfiguration {
    var configuration = SampleStoreConfiguration(
      vocabularySize: sets.vocabularySize, capacity: sets.capacity,
      provenance: StoreProvenance(rounds: sets.rounds))
    configuration.level = form.level
    if form.encoding == .packed {
      configuration.encoding = .packed
      configuration.frequencies = frequencies
    }
    return configuration
  }

  /// The first records of a store, at most `limit`.
  ///
  /// - Throws: `weighted`, or `store` for what cannot be read.
  static func load(path: String, limit: Int) throws(BenchmarkError) -> SampleSets {
    let store = try naming(path) { () throws(StoreError) in try SampleStore(path: path) }
    if store.isWeighted { throw .weighted(path: path) }
    var sets = SampleSets(vocabularySize: store.vocabularySize, rounds: store.rounds)
    let reader = store.makeReader()
    for number in 0..<min(limit, store.count) {
      let record = try naming(path) { () throws(StoreError) in try reader.record(number) }
      sets.append(ids: record.ids, counts: record.counts)
    }
    return sets
  }
}

/// Reads rows in the form that a trainer takes: offsets, ids and weights in arrays.
final class RowReader {
  private let reader: SampleReader
  private let path: String
  private var offsets: [Int32]
  private var ids: [UInt32]
  private var weights: [Float]

  /// A reader of up to `rows` records at a time.
  init(_ opened: BenchmarkStore, rows: Int) {
    reader = opened.store.makeReader()
    path = opened.path
    offsets = Array(repeating: 0, count: rows + 1)
    ids = Array(repeating: 0, count: rows * opened.store.capacity)
    weights = Array(repeating: 0, count: rows * opened.store.capacity)
  }

  /// Reads `records`, at most `rows` of them.
  ///
  /// - Returns: a number made from the first row.
  func read(_ records: Range<Int>) throws(BenchmarkError) -> UInt64 {
    do throws(StoreError) {
      var offsetSpan = offsets.mutableSpan
      var idSpan = ids.mutableSpan
      var weightSpan = weights.mutableSpan
      try reader.read(records, offsets: &offsetSpan, ids: &idSpan, weights: &weightSpan)
    } catch {
      throw .store(path: path, error)
    }
    return UInt64(ids[0]) + UInt64(weights[0].bitPattern) + UInt64(offsets[1])
  }
}
