import ArgumentParser
import RefluxBenchmarks

extension PipelineBenchmark.Bench: ExpressibleByArgument {}

/// How fast batches come.
struct BenchPipeline: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pipeline",
    abstract: "Batches per second, jumping to a step, starting on many shards.",
    discussion: """
      Measures the feed on synthetic stores: tokens alone, and with sample sets of 50 draws and \
      about 12 ids.

      feed: batches of 32,768 tokens, beside memcpy of the delivered bytes (tokens) or the decoder \
      alone on the same store (samples); jump: a new feed at a random step of a long run, to its \
      first batch; start: opening a folder of --shards shards, to the first batch.

      EXAMPLES:
        reflux bench pipeline
        reflux bench pipeline --only feed --threads 1 --windows 2048
        reflux bench pipeline --only start --json
      """)

  @Option(
    help: ArgumentHelp(
      "Measure only this: feed, jump or start; may be repeated.", valueName: "bench"))
  var only: [PipelineBenchmark.Bench] = []
  @Option(help: "Runs that count, after one for warming up.")
  var runs = 7
  @Option(help: "Tokens with samples; sixteen times as many without.")
  var tokens = 1 << 20
  @Option(help: "Seed of the data and of the order.")
  var seed: UInt64 = 0
  @Option(
    parsing: .upToNextOption, help: "Prefetch threads to measure: 1 2.")
  var threads = [1, 2]
  @Option(parsing: .upToNextOption, help: "Windows to measure: 256 2048 8192.")
  var windows = [256, 2048, 8192]
  @Option(help: "Shards of 'start'.")
  var shards = 10_000
  @Option(help: ArgumentHelp("Memory for decompressed blocks.", valueName: "size"))
  var cache = ByteSize(bytes: 0)
  @Option(
    help: ArgumentHelp(
      "Then stop and resume feeds at random for so long, and watch memory.", valueName: "minutes"))
  var soakMinutes = 0.0
  @OptionGroup var scratch: ScratchOptions
  @OptionGroup var output: BenchOptions

  func validate() throws {
    try BenchOptions.check("--runs", runs, in: 1...10_000)
    try BenchOptions.check("--tokens", tokens, in: 65_536...1 << 28)
    try BenchOptions.check("--threads", threads.isEmpty ? [0] : threads, in: 1...64)
    try BenchOptions.check("--windows", windows.isEmpty ? [0] : windows, in: 16...32_768)
    guard (0...100_000).contains(soakMinutes) else {
      throw ValidationError("--soak-minutes must be 0 to 100000")
    }
    try BenchOptions.check("--shards", shards, in: 64...60_000)
  }

  func run() throws {
    Interruption.finishSafely()
    try scratch.withFolder { folder in
      var configuration = PipelineBenchmark.Configuration(scratch: folder)
      (configuration.tokens, configuration.runs, configuration.seed) = (tokens, runs, seed)
      (configuration.threads, configuration.windows) = (threads, windows)
      (configuration.shards, configuration.cacheBytes) = (shards, cache.bytes)
      configuration.soakSeconds = 60 * soakMinutes
      if !only.isEmpty { configuration.benches = Set(only) }
      try output.run(PipelineBenchmark.self, configuration, verb: "pipeline")
    }
  }
}
