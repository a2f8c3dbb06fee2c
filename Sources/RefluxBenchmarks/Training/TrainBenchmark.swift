internal import RefluxJSON
internal import RefluxKernels
internal import RefluxMemory
internal import RefluxModel
public import RefluxTraining

/// Whole steps of training, data included, beside the matrix products that a step needs.
///
/// One row per target and number format. The work: forward, loss, backward, clipping and AdamW of
/// a Llama-style student over batches that a feed reads from real stores. The limit: the products
/// of all layers and the head, forward and backward, of the same sizes, nothing else, in turns
/// with the steps. Attention's own products are not among them.
public struct TrainBenchmark: Sendable {
  /// What a student learns from.
  public enum Target: String, Sendable, CaseIterable {
    case ce, rskd12, rskd50, topk12, ghost50, fullkd
  }

  /// What is measured.
  public struct Configuration: Sendable {
    /// The student: by default 35.2 M parameters.
    public var vocabulary = 32_000
    public var width = 384
    public var intermediate = 1024
    public var layers = 6
    public var heads = 6
    /// Windows per step, and tokens per window.
    public var batch = 8
    public var window = 256
    /// Targets; cross-entropy is always measured, as the others' base.
    public var targets = Target.allCases
    /// Whether the products are float32, bfloat16 or both.
    public var formats: [String] = ["float32", "bfloat16"]
    /// Whether every target is measured once more with activations computed again.
    public var recomputes = false
    public var optimizer = OptimizerKind.adamw
    public var threads = 2
    /// Rounds of turns that count, at least 1.
    public var runs = 5
    /// Steps of a turn that count; one more before them does not.
    public var stepsPerTurn = 3

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
    precondition(configuration.runs >= 1 && configuration.stepsPerTurn >= 1, "nothing to measure")
    self.configuration = configuration
    self.scratch = scratch
    self.observer = observer
  }

  /// Measures everything; rows come when a number format is done.
  ///
  /// Throws `interrupted`, what stores and trainers throw, or what `each` throws. Cost: 16 bytes
  /// per parameter and target, and the activations of a batch for each.
  public func run(each: (BenchmarkRow) throws -> Void) throws {
    let workers = Workers(count: configuration.threads)
    for format in configuration.formats {
      if format == "float32" {
        let products = StepProducts<Float>(configuration, workers: workers)
        try measure(.float32, products.run, workers, each)
      }
      if format == "bfloat16", Products.supportsBFloat16 {
        let products = StepProducts<BFloat16>(configuration, workers: workers)
        try measure(.bfloat16, products.run, workers, each)
      }
    }
  }

  /// - Parameter products: a step's, alone.
  private func measure(
    _ precision: Precision, _ products: () -> UInt64, _ workers: Workers,
    _ each: (BenchmarkRow) throws -> Void
  ) throws {
    var subjects: [TrainSubject] = []
    for recomputes in configuration.recomputes ? [false, true] : [false] {
      for target in [.ce] + configuration.targets.filter({ $0 != .ce }) {
        observer.note("\(target.rawValue), \(precision.rawValue): setting up")
        subjects.append(
          try TrainSubject(
            target, recomputes: recomputes, configuration,
            stores: StepStores(configuration, folder: scratch), precision: precision,
            workers: workers))
      }
    }
    var limits: [Double] = []
    let harness = Harness(runs: configuration.runs, observer: observer)
    for run in 0...configuration.runs {
      observer.note("\(precision.rawValue): turn \(run) of \(configuration.runs)")
      let limit = try harness.measure(once: products)
      if run > 0 { limits.append(limit) }
      for subject in subjects {
        try harness.check()
        try subject.take(steps: 1 + configuration.stepsPerTurn, counts: run > 0)
      }
    }
    for subject in subjects { try each(row(precision, subject, base: subjects[0], limits)) }
  }

  private func row(
    _ precision: Precision, _ subject: TrainSubject, base: TrainSubject, _ limits: [Double]
  ) -> BenchmarkRow {
    let parameters: JSONObject = [
      "dtype": .string(precision.rawValue), "target": .string(subject.target.rawValue),
      "parameters": .integer(subject.parameterCount), "batch": .integer(configuration.batch),
      "window": .integer(configuration.window),
      "optimizer": .string(configuration.optimizer.rawValue),
      "recompute": .bool(subject.recomputes),
    ]
    var row = BenchmarkRow(
      bench: "step", parameters: parameters, threads: configuration.threads,
      timing: Timing(subject.seconds), tokens: configuration.batch * configuration.window,
      limit: Timing(limits))
    row.figures.add("data_wait_percent", .number(subject.dataWaitPercent))
    row.figures.add("peak_bytes", .integer(subject.peakBytes))
    if subject !== base { row.addOverhead(subject.turnMeans, over: base.turnMeans) }
    return row
  }
}

extension TrainBenchmark.Configuration {
  var sizes: DecoderConfiguration {
    DecoderConfiguration(
      vocabularySize: vocabulary, hiddenSize: width, intermediateSize: intermediate,
      layers: layers, heads: heads, positions: window, tiedHead: false)
  }
}
