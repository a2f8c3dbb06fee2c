public import ArgumentParser
public import RefluxBenchmarks
import RefluxLosses
import RefluxModel
import RefluxRecipes
import RefluxSettings
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
      --loss adds any loss from sets of 50, once for each kind of sets that it takes. \
      The limit is the matrix products of the step alone, measured in the same turns. \
      overhead_percent is over ce, the median over the turns.

      EXAMPLES:
        reflux bench train
        reflux bench train --target rskd12 --target rskd50 --dtype bfloat16 --json
        reflux bench train --target ce --loss jsd --loss dkd:beta=kd --focus student-entropy:0.2
      """)

  @Option(help: "What is learned from: ce, rskd12, rskd50, topk12, ghost50, fullkd; repeatable.")
  var target: [TrainBenchmark.Target] = []
  @Option(
    help: "A loss beside the targets, NAME or NAME:key=value,...; may be given several times.",
    transform: { text in try BenchTrain.value(text) })
  var loss: [ObjectiveChoice] = []
  @Option(
    help: "Measure every target once more with a focus, such as student-entropy:0.2.",
    transform: { text in try BenchTrain.value(text) })
  var focus: Focus?
  @Option(help: "Operands of the products: float32 or bfloat16; may be given several times.")
  var dtype: [Precision] = []
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
  @OptionGroup var scratch: ScratchOptions
  @OptionGroup var output: BenchOptions

  private static func value<Value: SingleSettingValue>(_ text: String) throws -> Value {
    guard let value = Value(text: text) else {
      throw ValidationError(Value.fault(in: text) ?? "expected \(Value.expected)")
    }
    return value
  }

  func validate() throws {
    try BenchOptions.check("--runs", runs, in: 1...1000)
    try BenchOptions.check("--threads", threads, in: 1...1024)
    try BenchOptions.check("--vocabulary", vocabulary, in: 100...1 << 20)
    guard width >= 64, width <= 16_384, width % 64 == 0 else {
      throw ValidationError("--width must be a multiple of 64 up to 16384")
    }
    try BenchOptions.check("--layers", layers, in: 1...256)
    try BenchOptions.check("--batch", batch, in: 1...4096)
    try BenchOptions.check("--window", window, in: 2...8192)
  }

  func run() throws {
    Interruption.finishSafely()
    try scratch.withFolder { folder in
      try output.run(TrainBenchmark.self, settings(folder), verb: "train")
    }
  }

  private func settings(_ folder: String) -> TrainBenchmark.Configuration {
    var configuration = TrainBenchmark.Configuration(scratch: folder)
    if !target.isEmpty || !loss.isEmpty { configuration.targets = target }
    (configuration.losses, configuration.focus) = (loss, focus)
    if !dtype.isEmpty { configuration.precisions = dtype }
    (configuration.optimizer, configuration.recomputes) = (optimizer, recompute)
    (configuration.threads, configuration.runs) = (threads, runs)
    (configuration.vocabulary, configuration.layers) = (vocabulary, layers)
    (configuration.width, configuration.heads) = (width, width / 64)
    configuration.intermediate = (width * 8 / 3 + 63) / 64 * 64
    (configuration.batch, configuration.window) = (batch, window)
    return configuration
  }
}

extension TrainBenchmark.Target: ExpressibleByArgument {}
