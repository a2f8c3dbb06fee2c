internal import RefluxJSON
internal import RefluxKernels
public import RefluxLosses
internal import RefluxMemory
public import RefluxModel
internal import RefluxTargets
public import RefluxTraining

/// Whole steps of training, data included, beside the matrix products that a step needs.
///
/// One row per target and precision. The work: forward, loss, backward, clipping and AdamW of
/// a Llama-style student over batches that a feed reads from real stores. The limit: the products
/// of all layers and the head, forward and backward, of the same sizes, nothing else, in turns
/// with the steps. Attention's own products are not among them.
public struct TrainBenchmark: Benchmark {
  /// What a student learns from.
  public enum Target: String, Sendable, CaseIterable {
    case ce, rskd12, rskd50, topk12, ghost50, fullkd
  }

  /// What is measured.
  public struct Configuration: BenchmarkConfiguration {
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
    /// Losses beside the targets, each from sets of 50 for every kind of sets that it takes.
    public var losses: [ObjectiveChoice] = []
    /// Operands of the products; bfloat16 is left out where the processor lacks it.
    public var precisions = Precision.allCases
    /// Whether every target is measured once more with activations computed again.
    public var recomputes = false
    /// With which focus every target is measured once more; nil for none.
    public var focus: Focus?
    public var optimizer = OptimizerKind.adamw
    public var threads = 2
    /// Turns that count, at least 1.
    public var runs = 5
    /// Steps of a turn that count; one more before them does not.
    public var stepsPerTurn = 3

    /// A folder that exists; the stores in it stay.
    public var scratch: String

    /// The defaults.
    public init(scratch: String) { self.scratch = scratch }

    /// Whether there is something to measure.
    public var isMeasurable: Bool { runs >= 1 && stepsPerTurn >= 1 }
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
  /// Rows come when a precision is done.
  ///
  /// - Throws: also what stores and trainers throw.
  /// - Complexity: 16 bytes per parameter and target, and the activations of a batch for each.
  public func measure(_ each: (BenchmarkRow) throws -> Void) throws {
    let workers = Workers(count: configuration.threads)
    for precision in configuration.precisions {
      switch precision {
      case .float32:
        let products = StepProducts<Float>(configuration, workers: workers)
        try measure(.float32, products.run, workers, each)
      case .bfloat16 where !Products.supportsBFloat16: continue
      case .bfloat16:
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
    for variant in configuration.variants {
      for work in configuration.works {
        observer.note("\(work.name), \(precision.rawValue): setting up")
        subjects.append(
          try TrainSubject(
            work, variant, configuration, stores: StepStores(configuration),
            precision: precision, workers: workers))
      }
    }
    var limits: [Double] = []
    let harness = harness(warmUps: 1)
    for (run, counts) in harness.turns.enumerated() {
      observer.note("\(precision.rawValue): turn \(run) of \(configuration.runs)")
      let limit = try harness.measure(once: products)
      if counts { limits.append(limit) }
      for subject in subjects {
        try harness.check()
        try subject.take(steps: 1 + configuration.stepsPerTurn, counts: counts)
      }
    }
    for subject in subjects { try each(row(precision, subject, base: subjects[0], limits)) }
  }

  private func row(
    _ precision: Precision, _ subject: TrainSubject, base: TrainSubject, _ limits: [Double]
  ) -> BenchmarkRow {
    var parameters: JSONObject = [
      "dtype": .string(precision.rawValue), "target": .string(subject.work.name),
      "kind": .string(subject.work.kind.rawValue),
      "parameters": .integer(subject.parameterCount), "batch": .integer(configuration.batch),
      "window": .integer(configuration.window),
      "optimizer": .string(configuration.optimizer.rawValue),
      "recompute": .bool(subject.variant.recomputes),
    ]
    if let focus = subject.variant.focus { parameters.add("focus", .string(focus.description)) }
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
  /// Cross-entropy first.
  var works: [TrainWork] {
    ([.ce] + targets.filter { $0 != .ce }).map { TrainWork($0) } + losses.flatMap(TrainWork.all)
  }

  /// As things are, then each change alone.
  var variants: [TrainVariant] {
    [TrainVariant()] + (recomputes ? [TrainVariant(recomputes: true)] : [])
      + (focus.map { [TrainVariant(focus: $0)] } ?? [])
  }

  var sizes: DecoderConfiguration {
    DecoderConfiguration(
      vocabularySize: vocabulary, hiddenSize: width, intermediateSize: intermediate,
      layers: layers, heads: heads, positions: window, tiedHead: false)
  }
}
