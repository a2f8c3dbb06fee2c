internal import Foundation
internal import RefluxFiles

/// Speed, start and memory of the feed, each beside its limit in the same run.
///
/// The data are synthetic: tokens of two bytes, and sample sets of 50 draws, about 12 of which
/// differ (`SyntheticSamples`). What the rows mean:
///
/// - `feed`: batches of 32,768 tokens, in windows of `window`, for a consumer that looks at the
///   first and the last number of each. The page cache holds everything (`warm`), or nothing that
///   the system lets go of before each run (`cold`). The limit of tokens alone is `memcpy` of the
///   delivered bytes; that of samples is the decoder alone: `SampleReader` over the same store in
///   order, whole windows of 2,048 at a time, on as many threads. Beside it `memcpy` of the bytes
///   that samples come to, and liblz4's decompression of the plain store's blocks.
/// - `jump`: from a position, five numbers, to the first batch of a new feed there, at random
///   steps. `plan_ms` is the part before any data: the plan and the rows of the step.
/// - `start`: opening a folder of `shards` shards and the first batch of a feed on it.
/// - `soak`, only with `soakSeconds`: feeds that are stopped and resumed at random; the median
///   is that of one, `memory_growth_bytes` how far the median of the process's own memory in the
///   second half lies above that of the first, `peak_growth_bytes` the same of the peaks.
public struct PipelineBenchmark: Benchmark {
  /// The measurements, in their order.
  package enum Bench: String, CaseIterable, Sendable {
    case feed, jump, start
  }

  /// What is measured, and on what.
  public struct Configuration: BenchmarkConfiguration {
    /// Tokens of the stores with samples, at least 65,536; those without have sixteen times more.
    public var tokens = 1 << 20
    /// Runs that count, at least 1.
    public var runs = 7
    /// Seed of the data and of the order.
    public var seed: UInt64 = 0
    /// Prefetch threads that are tried.
    public var threads = [1, 2]
    /// Windows that are tried, in tokens.
    public var windows = [256, 2048, 8192]
    /// Shards of `start`.
    public var shards = 10_000
    /// Memory for decompressed blocks.
    public var cacheBytes = 0
    /// How long feeds are stopped and resumed at random; 0 for not at all.
    public var soakSeconds = 0.0
    /// What is measured; all of it unless some is left out.
    package var benches = Set(Bench.allCases)
    /// A folder that exists; the stores in it are removed again.
    public var scratch: String

    /// The defaults.
    public init(scratch: String) { self.scratch = scratch }

    /// Whether there is something to measure.
    public var isMeasurable: Bool { tokens >= 65_536 && runs >= 1 }
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
  /// - Complexity: about 10 bytes per token and 100 per token with samples below the scratch
  ///   folder; a few minutes.
  public func measure(_ each: (BenchmarkRow) throws -> Void) throws {
    let folder = configuration.scratch + "/pipeline"
    try FileSystem.createDirectory(path: folder)
    // With everything that a failed run left in it.
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let data = try PipelineData(configuration, folder: folder, observer: observer)
    let measurement = PipelineMeasurement(
      data: data, configuration: configuration, observer: observer)
    if configuration.benches.contains(.feed) {
      for subject in PipelineSubject.all(configuration) { try each(measurement.feed(subject)) }
    }
    if configuration.benches.contains(.jump) {
      try each(measurement.jump(payload: .tokens))
      try each(measurement.jump(payload: .samples))
    }
    if configuration.benches.contains(.start) { try each(measurement.start()) }
    if configuration.soakSeconds > 0 {
      try each(measurement.soak(seconds: configuration.soakSeconds))
    }
  }
}
