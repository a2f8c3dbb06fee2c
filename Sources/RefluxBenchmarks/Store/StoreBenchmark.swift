internal import Foundation
internal import RefluxFiles

/// Size, speed and random access of sample stores, each beside its limit in the same run.
///
/// For the synthetic sets, and for those of a real store where one is named, every form of store
/// is written and measured on one thread: plain at LZ4's fast level and at level 9 of its slow one,
/// packed with a dictionary of the sets' own frequencies. What the rows mean:
///
/// - `size`: the whole file over its records, headers, index and all, beside three bytes per id
///   (`paper_bytes_per_record`) and the order-0 entropy of the sets (`SetEntropy`). The time is
///   that of writing it once.
/// - `decode`: every record in order into CSR arrays, from the page cache. The limit is liblz4's
///   own decompression of the very same payloads, `memcpy` for those that are stored as they are
///   (`limit_lz4_blocks_percent` says how many are not).
/// - `random`: single records in random order, never two of one block in a row, so that no decoded
///   block is of use twice. The limit is liblz4's decompression of each record's block.
/// - `write`: records in memory to a sealed file in the page cache, without the flush to the
///   medium. The limit is liblz4's compression of the same columns. Megabytes of input are counted
///   as records of the store's fixed width, and beside it as 8 bytes per id and count.
/// - `open`: opening a store of `simulated_bytes` that has just been written, so its index and
///   trailer are in the page cache; closing counts too. The file has the header, dictionary, first
///   and last block, index and trailer of such a store, all of them whole; the blocks between are
///   holes that opening does not touch. Where the index would take more than half of the
///   free space the store is made smaller: compare `requested_bytes`. The limit is mapping the file
///   and touching its first and its last page. `far_record_ms` is opening, a reader and the last
///   record; `memory_bytes` how far the process's peak of resident memory grows by one such turn,
///   less what the allocator had at hand (`ResidentMemory`).
///
/// Packed blocks hold no LZ4: their limits in `decode`, `random` and `write` are those of the plain
/// store of the same records and level (`limit_encoding`).
public struct StoreBenchmark: Benchmark {
  /// The measurements, in their order.
  package enum Bench: String, CaseIterable, Sendable {
    case size, decode, random, write, open
  }

  /// What is measured, and on what.
  public struct Configuration: BenchmarkConfiguration {
    /// A sample store with counts whose first records are measured too; nil leaves them out.
    public var samplesPath: String?
    /// Records of each sample set, at most; at least 1.
    public var records = 65_536
    /// Runs that count, at least 1.
    public var runs = 11
    /// Seed of the synthetic sets.
    public var seed: UInt64 = 0
    /// The size of the store that `open` opens, at most.
    public var simulatedBytes = 1_000_000_000_000
    /// What is measured; all of it unless some is left out.
    package var benches = Set(Bench.allCases)
    /// A folder that exists; the stores in it are removed again.
    public var scratch: String

    /// The defaults.
    public init(scratch: String) { self.scratch = scratch }

    /// Whether there is something to measure.
    public var isMeasurable: Bool { records >= 1 && runs >= 1 }
  }

  /// What is measured, and on what.
  public let configuration: Configuration
  /// Who is told what happens, and can stop it.
  public let observer: BenchmarkObserver

  /// Keeps both values and begins nothing.
  public init(configuration: Configuration, observer: BenchmarkObserver) {
    (self.configuration, self.observer) = (configuration, observer)
  }

  /// Measures everything.
  ///
  /// - Throws: `BenchmarkError`, or what `each` throws.
  /// - Complexity: memory for the sets, about 150 bytes a record; the scratch folder holds the
  ///   stores of one form at a time, of which the simulated one takes about 0.1 % of its size.
  public func measure(_ each: (BenchmarkRow) throws -> Void) throws {
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
    let (entropy, frequencies) = (SetEntropy(sets), sets.frequencies)
    for form in StoreForm.all {
      let subject = StoreSubject(
        sets: sets, name: name, source: source, entropy: entropy,
        frequencies: frequencies, form: form,
        folder: configuration.scratch + "/\(name)-\(form.name)",
        seed: name == "synthetic" ? configuration.seed : nil)
      try FileSystem.createDirectory(path: subject.folder)
      // With everything that a failed run left in it.
      defer { try? FileManager.default.removeItem(atPath: subject.folder) }
      let measurement = try StoreMeasurement(
        subject, runs: configuration.runs, observer: observer)
      for bench in Bench.allCases where configuration.benches.contains(bench) {
        if let row = try measurement.row(bench, simulatedBytes: configuration.simulatedBytes) {
          try each(row)
        }
      }
    }
  }
}
