internal import RefluxJSON
internal import RefluxKernels
internal import RefluxModel

/// The losses of a training step, each beside the copy of the logits that it works on.
///
/// What the rows mean: `memcpy`: the logits to another buffer, one read and one write of each: the
/// limit of all others. `ce`, `sparse_kl`, `ghost`: loss and gradient in place of the logits,
/// for a label, a sampled set and a set whose remaining mass is one bucket. `dense_kl`: the same
/// with a row of teacher logits beside each row. Rows are divided over the threads in fixed shares.
public struct KernelBenchmark: Sendable {
  /// What is measured.
  public struct Configuration: Sendable {
    /// Logits per row.
    public var vocabularies = [4096, 32_768, 131_072, 262_144]
    /// Ids per set.
    public var ids = [1, 12, 50]
    /// Threads.
    public var threads = [1, 2]
    /// Rows of one run.
    public var rows = 512
    /// Runs that count, at least 1.
    public var runs = 21
    /// A name of `InstructionSet.available`; nil takes the best.
    public var instructionSet: String?

    /// The defaults.
    public init() {}
  }

  /// The instruction sets that this machine can run, best first.
  public static var instructionSets: [String] { InstructionSet.available.map(\.name) }

  let configuration: Configuration
  let observer: BenchmarkObserver

  /// A benchmark that has not begun; traps where nothing is to be measured or the instruction set
  /// is not among ``instructionSets``.
  public init(_ configuration: Configuration, observer: BenchmarkObserver = BenchmarkObserver()) {
    precondition(configuration.rows >= 1 && configuration.runs >= 1, "nothing to measure")
    self.configuration = configuration
    self.observer = observer
  }

  /// Measures everything; rows come as they are known.
  ///
  /// Throws `interrupted`, or what `each` throws. Cost: memory for twice the logits of the largest
  /// vocabulary.
  public func run(each: (BenchmarkRow) throws -> Void) throws {
    let name = configuration.instructionSet ?? InstructionSet.best.name
    guard let set = InstructionSet.available.first(where: { $0.name == name }) else {
      preconditionFailure("an instruction set that this machine lacks")
    }
    for vocabulary in configuration.vocabularies {
      for threads in configuration.threads {
        try measure(Float.self, vocabulary, threads, set, each)
        try measure(BFloat16.self, vocabulary, threads, set, each)
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
    let works = subject.works(ids: configuration.ids)
    let harness = Harness(runs: configuration.runs, observer: observer)
    let seconds = try harness.take(works.map(\.turn))
    for (index, work) in works.enumerated() {
      try each(row(work, seconds[index], seconds, subject))
    }
  }

  /// The first of `seconds` belongs to the copy, the second to cross-entropy.
  private func row<Element>(
    _ work: KernelWork, _ times: [Double], _ seconds: [[Double]], _ subject: KernelSubject<Element>
  ) -> BenchmarkRow {
    var parameters: JSONObject = [
      "vocabulary": .integer(subject.vocabulary), "rows": .integer(subject.rows),
      "dtype": .string(Element.name), "isa": .string(subject.instructionSet.name),
    ]
    if let ids = work.ids { parameters.add("ids", .integer(ids)) }
    var row = BenchmarkRow(
      bench: work.name, parameters: parameters, threads: subject.workers.count,
      timing: Timing(times))
    if work.name != "memcpy" { row.limit = Timing(seconds[0]) }
    if work.ids != nil {
      row.figures.add("overhead_percent", .number(Harness.overhead(times, over: seconds[1])))
    }
    return row
  }
}
