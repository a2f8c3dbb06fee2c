internal import RefluxCapture
internal import RefluxFiles
internal import RefluxJSON
internal import RefluxKernels
public import RefluxModel
internal import RefluxProfiling
internal import RefluxRandom
internal import RefluxSampling
internal import RefluxStorage

/// Whole captures of a teacher's sample sets, beside the teacher's forward pass alone.
///
/// One row per teacher and precision. The work: layers and head over windows of a token store,
/// draws from every row of logits, packing, compressing and writing a sample store. The limit: the
/// same layers and head over the same windows, nothing else, in turns with the captures. Weights
/// are random, the head's so large that 50 draws have as many distinct ids as those of trained
/// teachers.
public struct CaptureBenchmark: Benchmark {
  /// Sizes of a teacher.
  public enum Teacher: String, Sendable, CaseIterable {
    /// 6.8 M parameters, 4,096 ids: the teacher of the quickstart, its head untied.
    case quickstart
    /// 35.2 M parameters, 32,000 ids: the student of `TrainBenchmark`.
    case anchor
  }

  /// What is measured.
  public struct Configuration: BenchmarkConfiguration {
    /// Which teachers.
    public var teachers = Teacher.allCases
    /// Operands of the products; bfloat16 is left out where the processor lacks it.
    public var precisions = Precision.allCases
    /// Draws per position.
    public var rounds = 50
    /// Windows of a group, and tokens per window.
    public var batch = 16
    public var window = 256
    /// Groups of windows of one capture.
    public var groups = 3
    public var threads = 2
    /// Turns that count, at least 1.
    public var runs = 7

    /// A folder that exists; the stores in it stay.
    public var scratch: String

    /// The defaults.
    public init(scratch: String) { self.scratch = scratch }

    /// Whether there is something to measure.
    public var isMeasurable: Bool { runs >= 1 && groups >= 1 }
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
  /// - Throws: also what stores and captures throw.
  public func measure(_ each: (BenchmarkRow) throws -> Void) throws {
    for teacher in configuration.teachers {
      for precision in configuration.precisions
      where precision != .bfloat16 || Products.supportsBFloat16 {
        try each(measure(teacher, precision))
      }
    }
  }

  private func measure(
    _ teacher: Teacher, _ precision: Precision
  ) throws -> BenchmarkRow {
    observer.note("capture, \(teacher.rawValue), \(precision.rawValue)")
    let subject = try CaptureSubject(teacher, precision, configuration)
    var (seconds, limits): ([Double], [Double]) = ([], [])
    let harness = harness(warmUps: 1)
    for counts in harness.turns {
      try harness.check()
      let limit = subject.forward()
      try harness.check()
      let taken = try subject.capture(counts: counts)
      if !counts { continue }
      seconds.append(taken)
      limits.append(limit)
    }
    return row(teacher, precision, subject, seconds, limits)
  }

  private func row(
    _ teacher: Teacher, _ precision: Precision, _ subject: CaptureSubject, _ seconds: [Double],
    _ limits: [Double]
  ) -> BenchmarkRow {
    var row = BenchmarkRow(
      bench: "capture",
      parameters: [
        "teacher": .string(teacher.rawValue), "dtype": .string(precision.rawValue),
        "parameters": .integer(subject.parameterCount),
        "vocabulary": .integer(subject.vocabularySize), "rounds": .integer(configuration.rounds),
        "batch": .integer(configuration.batch), "window": .integer(configuration.window),
      ], threads: configuration.threads, timing: Timing(seconds), tokens: subject.tokenCount,
      limit: Timing(limits))
    row.addOverhead(seconds, over: limits)
    let (times, whole) = (subject.times, seconds.reduce(0, +))
    row.figures.add("forward_percent", .number(100 * times.forward / whole))
    row.figures.add("sampling_percent", .number(100 * times.sampling / whole))
    row.figures.add("storing_percent", .number(100 * times.storing / whole))
    row.figures.add("store_wait_percent", .number(100 * times.waiting / whole))
    row.figures.add("ids_per_row", .number(subject.uniqueIDs))
    return row
  }
}
