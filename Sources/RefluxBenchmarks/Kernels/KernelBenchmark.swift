internal import RefluxJSON
internal import RefluxKernels
public import RefluxLosses
internal import RefluxMemory
internal import RefluxModel
internal import RefluxTargets

/// The losses of a training step, each beside what the least work on its logits costs.
///
/// What the rows mean: `memcpy`: the logits to another buffer, one read and one write of each: what
/// a kernel with another output could reach. `in_place`: read, multiplied and written back, which
/// needs no memory fetched only to be overwritten: the limit of the others. `ce`, `sparse_kl`,
/// `ghost`: loss and gradient in place of the logits, for a label, a sampled set and a set whose
/// remaining mass is one bucket. `dense_kl`: the same with a row of teacher logits beside each row.
/// `objective`: one of those asked for, from each kind of target that it takes; beside `sparse_kl`
/// with as many ids, or `dense_kl`. Rows are divided over the threads in fixed shares.
/// `products`: the three matrix products of an output head, logits = H W^T and the gradients of H
/// and W, nothing else: the limit of `linear_ce` and `linear_sparse_kl`, which are these with the
/// loss between them, by ``LinearLoss``.
public struct KernelBenchmark: Benchmark {
  /// What is measured.
  public struct Configuration: BenchmarkConfiguration {
    /// Logits per row.
    public var vocabularies = [4096, 32_768, 131_072, 262_144]
    /// Ids per set.
    public var ids = [1, 12, 50]
    /// Threads.
    public var threads = [1, 2]
    /// Objectives to measure beside the standard ones.
    public var objectives: [ObjectiveChoice] = []
    /// Rows of one run.
    public var rows = 512
    /// Runs that count, at least 1.
    public var runs = 21
    /// Width of the hidden states of the linear losses; nil leaves these out.
    public var width: Int? = 768
    /// Runs of the linear losses that count, which take seconds each at large vocabularies.
    public var linearRuns = 5
    /// A name of ``KernelBenchmark/instructionSets``; nil takes the best, another one traps.
    public var instructionSet: String?

    /// Whether there is something to measure.
    public var isMeasurable: Bool { rows >= 1 && runs >= 1 }

    /// The defaults.
    public init() {}
  }

  /// The instruction sets that this machine can run, best first.
  public static var instructionSets: [String] { InstructionSet.available.map(\.name) }

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
  /// - Complexity: memory for twice the logits of the largest vocabulary, and for twice its head.
  public func measure(_ each: (BenchmarkRow) throws -> Void) throws {
    let name = configuration.instructionSet ?? InstructionSet.best.name
    guard let set = InstructionSet.available.first(where: { $0.name == name }) else {
      preconditionFailure("an instruction set that this machine lacks")
    }
    for vocabulary in configuration.vocabularies {
      for threads in configuration.threads {
        try measure(Float.self, vocabulary, threads, set, each)
        try measure(BFloat16.self, vocabulary, threads, set, each)
        if let width = configuration.width {
          try measureLinear(Float.self, vocabulary, width, threads, set, each)
          guard Products.supportsBFloat16 else { continue }
          try measureLinear(BFloat16.self, vocabulary, width, threads, set, each)
        }
      }
    }
  }

  private func measure<Element: Scalar>(
    _: Element.Type, _ vocabulary: Int, _ threads: Int, _ set: InstructionSet,
    _ each: (BenchmarkRow) throws -> Void
  ) throws {
    observer.note("\(vocabulary) logits of \(Element.name), threads: \(threads)")
    let subject = KernelSubject<Element>(
      vocabulary: vocabulary, rows: configuration.rows, workers: Workers(count: threads),
      instructionSet: set)
    let works = try subject.works(ids: configuration.ids, objectives: configuration.objectives)
    let seconds = try harness().take(works.map(\.turn))
    let first = { (name: String, ids: Int?) in
      works.firstIndex { $0.name == name && $0.ids == ids } ?? 0
    }
    for (index, work) in works.enumerated() {
      var row = row(work, seconds[index], subject.vocabulary, Element.name, threads, set)
      if index > 0 { row.limit = Timing(seconds[0]) }
      if index > 1 { row.addInPlace(seconds[index], limit: seconds[1]) }
      if work.objective != nil {
        let base = work.kind == .dense ? "dense_kl" : "sparse_kl"
        row.addOverhead(seconds[index], over: seconds[first(base, work.ids)])
      } else if work.ids != nil {
        row.addOverhead(seconds[index], over: seconds[first("ce", nil)])
      }
      try each(row)
    }
  }

  private func measureLinear<Element: Scalar>(
    _: Element.Type, _ vocabulary: Int, _ width: Int, _ threads: Int, _ set: InstructionSet,
    _ each: (BenchmarkRow) throws -> Void
  ) throws {
    observer.note("head of \(vocabulary) x \(width) \(Element.name), threads: \(threads)")
    let subject = LinearSubject<Element>(
      vocabulary: vocabulary, width: width, rows: configuration.rows,
      workers: Workers(count: threads), instructionSet: set)
    let works = subject.works(ids: configuration.ids)
    let runs = min(configuration.runs, configuration.linearRuns)
    let seconds = try Harness(runs: runs, warmUps: 1, observer: observer).take(works.map(\.turn))
    let operations = 6 * Double(configuration.rows) * Double(vocabulary) * Double(width)
    for (index, work) in works.enumerated() {
      var row = row(work, seconds[index], vocabulary, Element.name, threads, set)
      row.parameters.add("width", .integer(width))
      row.figures.add("gflops", .number(operations / row.timing.median / 1e9))
      if index > 0 {
        row.limit = Timing(seconds[0])
        row.figures.add("memory_bytes", .integer(subject.byteCount))
      }
      if work.ids != nil { row.addOverhead(seconds[index], over: seconds[1]) }
      try each(row)
    }
  }

  private func row(
    _ work: KernelWork, _ seconds: [Double], _ vocabulary: Int, _ precision: String, _ threads: Int,
    _ set: InstructionSet
  ) -> BenchmarkRow {
    var parameters: JSONObject = [
      "vocabulary": .integer(vocabulary), "rows": .integer(configuration.rows),
      "dtype": .string(precision), "isa": .string(set.name),
    ]
    if let ids = work.ids { parameters.add("ids", .integer(ids)) }
    if let objective = work.objective { parameters.add("objective", .string(objective)) }
    if let kind = work.kind { parameters.add("target", .string(kind.rawValue)) }
    return BenchmarkRow(
      bench: work.name, parameters: parameters, threads: threads, timing: Timing(seconds))
  }
}

extension BenchmarkRow {
  /// Where the work stands beside what it must do at least, which ran in turns with it.
  fileprivate mutating func addInPlace(_ seconds: [Double], limit: [Double]) {
    figures.add("in_place_ms", .number(1e3 * Timing(limit).median))
    figures.add(
      "ratio_to_in_place", .number(Timing(zip(seconds, limit).map { $0 / $1 }).median))
  }

  /// What the work takes longer than `base`, which ran in turns with it.
  mutating func addOverhead(_ seconds: [Double], over base: [Double]) {
    figures.add("overhead_percent", .number(Harness.overhead(seconds, over: base)))
  }
}
