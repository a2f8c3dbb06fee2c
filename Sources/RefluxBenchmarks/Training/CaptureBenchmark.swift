internal import RefluxCapture
internal import RefluxFiles
internal import RefluxJSON
internal import RefluxKernels
internal import RefluxMemory
internal import RefluxModel
internal import RefluxProfiling
internal import RefluxRandom
internal import RefluxSampling
internal import RefluxStorage

/// Whole captures of a teacher's sample sets, beside the teacher's forward pass alone.
///
/// One row per teacher and number format. The work: layers and head over windows of a token store,
/// draws from every row of logits, packing, compressing and writing a sample store. The limit: the
/// same layers and head over the same windows, nothing else, in turns with the captures. Weights
/// are random, the head's so large that 50 draws have as many distinct ids as those of trained
/// teachers.
public struct CaptureBenchmark: Sendable {
  /// Sizes of a teacher.
  public enum Teacher: String, Sendable, CaseIterable {
    /// 6.8 M parameters, 4,096 ids: the teacher of the quickstart, its head untied.
    case quickstart
    /// 35.2 M parameters, 32,000 ids: the student of `TrainBenchmark`.
    case anchor
  }

  /// What is measured.
  public struct Configuration: Sendable {
    /// Which teachers.
    public var teachers = Teacher.allCases
    /// Whether the products are float32, bfloat16 or both.
    public var formats = ["float32", "bfloat16"]
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

    /// The defaults.
    public init() {}
  }

  let configuration: Configuration
  let scratch: String
  let observer: BenchmarkObserver

  /// A benchmark that has not begun.
  ///
  /// - Parameter scratch: an existing folder for the stores.
  public init(
    _ configuration: Configuration, scratch: String,
    observer: BenchmarkObserver = BenchmarkObserver()
  ) {
    precondition(configuration.runs >= 1 && configuration.groups >= 1, "nothing to measure")
    self.configuration = configuration
    self.scratch = scratch
    self.observer = observer
  }

  /// Measures everything; rows come as they are known.
  ///
  /// Throws `interrupted`, what stores and captures throw, or what `each` throws.
  public func run(each: (BenchmarkRow) throws -> Void) throws {
    for teacher in configuration.teachers {
      for format in configuration.formats {
        if format == "float32" { try each(measure(teacher, .float32)) }
        if format == "bfloat16", Products.supportsBFloat16 {
          try each(measure(teacher, .bfloat16))
        }
      }
    }
  }

  private func measure(
    _ teacher: Teacher, _ precision: Precision
  ) throws -> BenchmarkRow {
    observer.note("capture, \(teacher.rawValue), \(precision.rawValue)")
    let subject = try CaptureSubject(teacher, precision, configuration, folder: scratch)
    var (seconds, limits): ([Double], [Double]) = ([], [])
    for run in 0...configuration.runs {
      try observer.check()
      let limit = subject.forward()
      try observer.check()
      let taken = try subject.capture(counts: run > 0)
      if run == 0 { continue }
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
