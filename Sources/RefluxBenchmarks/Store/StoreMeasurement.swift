internal import RefluxFiles
internal import RefluxJSON
internal import RefluxStorage

/// The measurements of one subject; its store is written when this is made.
struct StoreMeasurement {
  let subject: StoreSubject
  let store: BenchmarkStore
  /// The blocks of the plain store of the same sets and level, for liblz4's own speed.
  let probe: PayloadProbe
  let runs: Int
  let observer: BenchmarkObserver
  private let writing: Timing

  var sets: SampleSets { subject.sets }
  var harness: Harness { Harness(runs: runs, observer: observer) }

  /// Writes the store, opens it and touches all of it.
  ///
  /// - Throws: `tooFewRecords` where it has only one block: no record of it could be read without
  ///   the block being decoded already.
  init(
    _ subject: StoreSubject, runs: Int, observer: BenchmarkObserver
  ) throws(BenchmarkError) {
    observer.note(subject.announcement("size"))
    let (sets, path) = (subject.sets, subject.path)
    writing = try Harness(runs: 1, warmUps: 0, observer: observer).measure {
      () throws(BenchmarkError) in
      try subject.write(subject.form, to: path)
      return 0
    }
    let opened = try BenchmarkStore(path: path)
    guard sets.count > opened.recordsPerBlock else {
      throw .tooFewRecords(
        path: subject.source, found: sets.count, needed: opened.recordsPerBlock + 1)
    }
    store = opened
    probe = try Self.probe(opened, subject)
    (self.subject, self.runs, self.observer) = (subject, runs, observer)
  }

  private static func probe(
    _ opened: BenchmarkStore, _ subject: StoreSubject
  ) throws(BenchmarkError) -> PayloadProbe {
    var plain = opened
    if subject.form != subject.form.plain {
      try subject.write(subject.form.plain, to: subject.plainPath)
      plain = try BenchmarkStore(path: subject.plainPath)
    }
    return try naming(plain.path) { () throws(StoreError) in try PayloadProbe(plain.store) }
  }

  /// What a row says about its limit: on which blocks liblz4 was measured.
  var limitFigures: JSONObject {
    [
      "limit_encoding": .string("plain"),
      "limit_lz4_blocks_percent": .number(
        100 * Double(probe.compressedCount) / Double(probe.count)),
    ]
  }

  /// One measurement; nil for those that only writers' default level is for.
  func row(
    _ bench: StoreBenchmark.Bench, simulatedBytes: Int
  ) throws(BenchmarkError) -> BenchmarkRow? {
    switch bench {
    case .size: try size()
    case .decode: try decode()
    case .random: try random()
    case .write: subject.form.isDefaultLevel ? try write() : nil
    case .open: subject.form.isDefaultLevel ? try open(simulatedBytes) : nil
    }
  }

  /// The file's size beside what the sets need; their entropy is the limit.
  func size() throws(BenchmarkError) -> BenchmarkRow {
    let bytes: Int
    do throws(FileError) { bytes = try FileSystem.size(path: subject.path) } catch {
      throw .file(path: subject.path, error)
    }
    let perRecord = Double(bytes) / Double(sets.count)
    let paper = 3 * sets.pairsPerRecord
    let least = subject.entropy.bitsPerSet / 8
    var figures: JSONObject = [
      "file_bytes": .integer(bytes), "bytes_per_record": .number(perRecord),
      "unique_ids_per_record": .number(sets.pairsPerRecord),
      "bytes_per_unique_id": .number(perRecord / sets.pairsPerRecord),
      "paper_bytes_per_record": .number(paper), "ratio_to_paper": .number(perRecord / paper),
      "entropy_bytes_per_record": .number(least),
      "length_entropy_bytes_per_record": .number(subject.entropy.bitsPerLength / 8),
      "ratio_to_entropy": .number(perRecord / least),
      "ratio_to_limit": .number(perRecord / least),
    ]
    // Plain stores are for speed.
    if subject.form.encoding == .packed {
      figures.add("goal_ratio_to_paper", .number(StoreGoals.ratioToPaper))
      figures.add("goal_ratio_to_entropy", .number(StoreGoals.ratioToEntropy))
    }
    return BenchmarkRow(
      bench: "size", parameters: subject.parameters, timing: writing, figures: figures)
  }
}

extension StoreMeasurement {
  /// All records from memory to a sealed file.
  func write() throws(BenchmarkError) -> BenchmarkRow {
    observer.note(subject.announcement("write"))
    let (subject, form, probe) = (subject, subject.form, probe)
    probe.decompressAll()
    let (work, limit) = try harness.compare {
      () throws(BenchmarkError) in
      try subject.write(form, to: subject.path)
      return 0
    } limit: {
      (0..<probe.count).reduce(0) { $0 &+ probe.compress($1, level: form.level) }
    }
    let fixed = Double(sets.count * store.fixedRecordBytes) * 1e-6
    let pairs = Double(sets.pairs * 8) * 1e-6
    var figures: JSONObject = [
      "fixed_width_megabytes_per_second": .number(fixed / work.median),
      "pairs_megabytes_per_second": .number(pairs / work.median),
      "goal_megabytes_per_second": .number(StoreGoals.writeMegabytesPerSecond),
      "limit_gigabytes_per_second": .number(Double(probe.rawBytes) / limit.median * 1e-9),
    ]
    figures.members += limitFigures.members
    return BenchmarkRow(
      bench: "write", parameters: subject.parameters, timing: work, tokens: sets.count,
      limit: limit, figures: figures)
  }
}

/// What the store is to reach on one core of a server of 2024, printed beside what it does reach.
enum StoreGoals {
  /// Packed file bytes, everything counted, over the three bytes per id of the paper's packing.
  static let ratioToPaper = 0.65
  /// Packed file bytes, everything counted, over the order-0 entropy of the sets.
  static let ratioToEntropy = 1.3
  static let randomTokensPerSecond = 100_000.0
  static let writeMegabytesPerSecond = 300.0
  /// Opening a store of 1 TB.
  static let openMilliseconds = 50.0
  static let openMemoryBytes = 64 << 20

  static func decodedTokensPerSecond(_ form: StoreForm) -> Double {
    form.encoding == .packed ? 12e6 : 25e6
  }
}
