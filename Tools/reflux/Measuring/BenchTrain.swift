public import ArgumentParser
public import RefluxBenchmarks
import RefluxFiles
import RefluxTraining

/// What a step of training costs.
struct BenchTrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Whole steps of training, beside their matrix products.",
    discussion: """
      Trains a Llama-style student (by default 35.2 M parameters, batches of 8 windows of 256) \
      from stores that are written below --scratch and removed, all targets in turns: ce, rskd12 \
      (12 ids each), rskd50 (50 draws), topk12, ghost50, fullkd (a teacher of the student's size). \
      The limit is the matrix products of the step alone, measured in the same turns. \
      overhead_percent is over ce, the median over the turns.

      EXAMPLES:
        reflux bench train
        reflux bench train --target rskd12 --target rskd50 --dtype bfloat16 --json
      """)

  @Option(help: "What is learned from: ce, rskd12, rskd50, topk12, ghost50, fullkd; repeatable.")
  var target: [TrainBenchmark.Target] = []
  @Option(help: "Operands of the products: float32 or bfloat16; may be given several times.")
  var dtype: [String] = []
  @Option(help: "How gradients become updates: adamw or muon.")
  var optimizer = OptimizerKind.adamw
  @Flag(help: "Measure every target once more with activations computed again.")
  var recompute = false
  @Option(help: "Threads of the team that trains.")
  var threads = 2
  @Option(help: "Ids of the vocabulary.")
  var vocabulary = 32_000
  @Option(help: "Width of the residual stream; a multiple of 64.")
  var width = 384
  @Option(help: "Layers of the student.")
  var layers = 6
  @Option(help: "Windows per step.")
  var batch = 8
  @Option(help: "Tokens per window.")
  var window = 256
  @Option(help: "Turns that count, after one for warming up.")
  var runs = 5
  @Option(help: ArgumentHelp("Folder for the stores (default: the system's).", valueName: "folder"))
  var scratch: String?

  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    guard (1...1000).contains(runs) else { throw ValidationError("--runs must be 1 to 1000") }
    guard (1...1024).contains(threads) else { throw ValidationError("--threads must be 1 to 1024") }
    guard (100...1 << 20).contains(vocabulary) else {
      throw ValidationError("--vocabulary must be 100 to 1048576")
    }
    guard width >= 64, width <= 16_384, width % 64 == 0 else {
      throw ValidationError("--width must be a multiple of 64 up to 16384")
    }
    guard (1...256).contains(layers) else { throw ValidationError("--layers must be 1 to 256") }
    guard (1...4096).contains(batch) else { throw ValidationError("--batch must be 1 to 4096") }
    guard (2...8192).contains(window) else { throw ValidationError("--window must be 2 to 8192") }
    guard dtype.allSatisfy(["float32", "bfloat16"].contains) else {
      throw ValidationError("--dtype must be float32 or bfloat16")
    }
  }

  func run() throws {
    Interruption.finishSafely()
    var configuration = TrainBenchmark.Configuration()
    if !target.isEmpty { configuration.targets = target }
    if !dtype.isEmpty { configuration.formats = dtype }
    (configuration.optimizer, configuration.recomputes) = (optimizer, recompute)
    (configuration.threads, configuration.runs) = (threads, runs)
    (configuration.vocabulary, configuration.layers) = (vocabulary, layers)
    (configuration.width, configuration.heads) = (width, width / 64)
    configuration.intermediate = (width * 8 / 3 + 63) / 64 * 64
    (configuration.batch, configuration.window) = (batch, window)
    let folder = try ScratchFolder(below: scratch)
    let benchmark = TrainBenchmark(
      configuration, scratch: folder.path,
      observer: BenchRows.observer("train", quiet: showing.quiet))
    try withExtendedLifetime(folder) {
      try BenchRows.print(json: printing.json) { each in try benchmark.run(each: each) }
    }
  }
}

extension TrainBenchmark.Target: ExpressibleByArgument {}
