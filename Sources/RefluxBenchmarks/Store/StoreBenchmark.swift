internal import RefluxFiles

/// Size, speed and random access of sample stores, each beside its limit in the same run.
///
/// For the synthetic sets, and for those of a real store where one is named, every form of store
/// is written and measured on one thread. What the rows mean:
///
/// - `size`: the whole file over its records, headers, index and all, beside three bytes per id
///   (`paper_bytes_per_record`) and the order-0 entropy of the sets (`SetEntropy`). The time is
///   that of writing it once.
/// - `decode`: every record in order into arrays, from the page cache. The limit is liblz4's own
///   decompression of the very same payloads, `memcpy` for those that are stored as they are.
/// - `random`: single records in random order, never two of one block in a row, so that no decoded
///   block is of use twice. The limit is liblz4's decompression of each record's block.
/// - `write`: records in memory to a sealed file in the page cache, without the flush to the
///   medium. The limit is liblz4's compression of the same columns.
public struct StoreBenchmark: Sendable {
  /// What is measured.
  public struct Configuration: Sendable {
    /// A sample store with counts whose first records are measured too; nil leaves them out.
    public var samplesPath: String?
    /// Records of each sample set, at most; at least 1.
    public var records: Int
    /// Runs that count, at least 1.
    public var runs: Int
    /// Seed of the synthetic sets.
    public var seed: UInt64
    /// A folder that exists; the stores in it are removed again.
    public var scratch: String

    /// The limits of the fields are not checked before the run, which traps.
    public init(
      samplesPath: String? = nil, records: Int = 65_536, runs: Int = 11, seed: UInt64 = 0,
      scratch: String
    ) {
      self.samplesPath = samplesPath
      self.records = records
      self.runs = runs
      self.seed = seed
      self.scratch = scratch
    }
  }

  let configuration: Configuration
  let observer: BenchmarkObserver

  /// A benchmark that has not begun.
  public init(_ configuration: Configuration, observer: BenchmarkObserver = BenchmarkObserver()) {
    precondition(configuration.records >= 1 && configuration.runs >= 1, "nothing to measure")
    self.configuration = configuration
    self.observer = observer
  }

  /// Measures everything; rows come as they are known.
  ///
  /// Throws `BenchmarkError`, or what `each` throws. Cost: memory for the sets, about 150 bytes a
  /// record; the scratch folder holds one store at a time.
  public func run(each: (BenchmarkRow) throws -> Void) throws {
    if let path = configuration.samplesPath {
      observer.note("reading \(path)")
      let sets = try BenchmarkStore.load(path: path, limit: configuration.records)
      try measure(sets, named: "quickstart", source: path, each)
    }
    observer.note("drawing \(configuration.records) synthetic sets")
    let sets = SyntheticSamples(seed: configuration.seed).sets(count: configuration.records)
    try measure(sets, named: "synthetic", source: "the synthetic sets", each)
  }

  private func measure(
    _ sets: SampleSets, named name: String, source: String,
    _ each: (BenchmarkRow) throws -> Void
  ) throws {
    let entropy = SetEntropy(sets)
    for form in StoreForm.all {
      let subject = StoreSubject(
        sets: sets, name: name, source: source, entropy: entropy, form: form,
        path: configuration.scratch + "/\(name)-\(form.name).rfx",
        seed: name == "synthetic" ? configuration.seed : nil)
      // A failed run leaves the partial file.
      defer {
        for suffix in ["", AtomicFile.partialSuffix] {
          try? FileSystem.remove(path: subject.path + suffix)
        }
      }
      let measurement = try StoreMeasurement(
        subject, runs: configuration.runs, observer: observer)
      try each(try measurement.size())
      try each(try measurement.decode())
      try each(try measurement.random())
      if form.isDefaultLevel { try each(try measurement.write()) }
    }
  }
}
