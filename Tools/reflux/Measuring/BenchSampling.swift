public import ArgumentParser
public import RefluxBenchmarks
import RefluxModel

/// What drawing sample sets costs.
struct BenchSampling: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sampling",
    abstract: "Sample sets from rows of logits, beside the softmax of the rows.",
    discussion: """
      Measures the softmax statistics of teacher rows and, in turns with them, the drawing of sets \
      with every estimator, on one thread. overhead_percent is over the statistics alone.

      With --teacher instead whole captures as 'reflux cache' makes them, store included, with a \
      teacher of random weights: quickstart (6.8 M parameters, 4,096 ids) or anchor (35.2 M, \
      32,000 ids). The limit is the teacher's forward pass alone, in turns with the captures; \
      storing_percent runs beside the rest, store_wait_percent is how long the rest waits for it.

      EXAMPLES:
        reflux bench sampling
        reflux bench sampling --teacher quickstart --teacher anchor --runs 7
        reflux bench sampling --vocabulary 131072 --rounds 12 --rounds 50 --json
      """)

  @Option(help: "Logits per row; may be given several times.")
  var vocabulary: [Int] = []
  @Option(help: "Draws per row, ids kept of topk; may be given several times.")
  var rounds: [Int] = []
  @Option(help: "Rows of logits.")
  var rows = 128
  @Option(help: "Standard deviation of the logits: 5.5 gives 12 to 20 distinct ids in 50 draws.")
  var deviation = 5.5
  @Option(help: "Runs that count, after two for warming up.")
  var runs = 21

  @Option(help: "A teacher to capture with: quickstart or anchor; may be given several times.")
  var teacher: [CaptureBenchmark.Teacher] = []
  @Option(help: "Operands of a teacher's products: float32 or bfloat16; repeatable.")
  var dtype: [Precision] = []
  @Option(help: "Threads of a teacher.")
  var threads = 2
  @OptionGroup var scratch: ScratchOptions
  @OptionGroup var output: BenchOptions

  func validate() throws {
    try BenchOptions.check("--runs", runs, in: 1...10_000)
    try BenchOptions.check("--rows", rows, in: 1...65_536)
    guard (0...1000).contains(deviation) else {
      throw ValidationError("--deviation must be 0 to 1000")
    }
    try BenchOptions.check("--vocabulary", vocabulary, in: 1...1 << 20)
    try BenchOptions.check("--rounds", rounds, in: 1...65_536)
    try BenchOptions.check("--threads", threads, in: 1...1024)
  }

  func run() throws {
    Interruption.finishSafely()
    if !teacher.isEmpty { return try runCaptures() }
    var configuration = SamplingBenchmark.Configuration()
    if !vocabulary.isEmpty { configuration.vocabularies = vocabulary }
    if !rounds.isEmpty { configuration.rounds = rounds }
    (configuration.rows, configuration.runs) = (rows, runs)
    configuration.deviation = deviation
    try output.run(SamplingBenchmark.self, configuration, verb: "sampling")
  }

  private func runCaptures() throws {
    try scratch.withFolder { folder in
      var configuration = CaptureBenchmark.Configuration(scratch: folder)
      configuration.teachers = teacher
      if !dtype.isEmpty { configuration.precisions = dtype }
      (configuration.rounds, configuration.threads) = (rounds.first ?? 50, threads)
      configuration.runs = runs
      try output.run(CaptureBenchmark.self, configuration, verb: "sampling")
    }
  }
}

extension CaptureBenchmark.Teacher: ExpressibleByArgument {}
