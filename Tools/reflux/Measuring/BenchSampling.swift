import ArgumentParser
import RefluxBenchmarks

/// What drawing sample sets costs.
struct BenchSampling: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sampling",
    abstract: "Sample sets from rows of logits, beside the softmax of the rows.",
    discussion: """
      Measures the softmax statistics of teacher rows and, in turns with them, the drawing of sets \
      with every estimator, on one thread. overhead_percent is over the statistics alone.

      EXAMPLES:
        reflux bench sampling
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

  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    guard (1...10_000).contains(runs) else { throw ValidationError("--runs must be 1 to 10000") }
    guard (1...65_536).contains(rows) else { throw ValidationError("--rows must be 1 to 65536") }
    guard (0...1000).contains(deviation) else {
      throw ValidationError("--deviation must be 0 to 1000")
    }
    guard vocabulary.allSatisfy({ (1...1 << 20).contains($0) }) else {
      throw ValidationError("--vocabulary must be 1 to 1048576")
    }
    guard rounds.allSatisfy({ (1...65_536).contains($0) }) else {
      throw ValidationError("--rounds must be 1 to 65536")
    }
  }

  func run() throws {
    Interruption.finishSafely()
    var configuration = SamplingBenchmark.Configuration()
    if !vocabulary.isEmpty { configuration.vocabularies = vocabulary }
    if !rounds.isEmpty { configuration.rounds = rounds }
    (configuration.rows, configuration.runs) = (rows, runs)
    configuration.deviation = deviation
    let benchmark = SamplingBenchmark(
      configuration, observer: BenchRows.observer("sampling", quiet: showing.quiet))
    try BenchRows.print(json: printing.json) { each in try benchmark.run(each: each) }
  }
}
