import ArgumentParser
import Foundation
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
      "Then stop feeds and go on at random for so long, and watch memory.", valueName: "minutes"))
  var soakMinutes = 0.0
  @Option(
    help: ArgumentHelp(
      "Folder with room for what is written (default: the system's temporary folder).",
      valueName: "folder"))
  var scratch: String?

  @OptionGroup var printing: OutputOptions
  @OptionGroup var showing: ProgressOptions

  func validate() throws {
    guard (1...10_000).contains(runs) else { throw ValidationError("--runs must be 1 to 10000") }
    guard (65_536...1 << 28).contains(tokens) else {
      throw ValidationError("--tokens must be 65536 to 268435456")
    }
    guard threads.allSatisfy((1...64).contains), !threads.isEmpty else {
      throw ValidationError("--threads must be 1 to 64")
    }
    guard windows.allSatisfy((16...32_768).contains), !windows.isEmpty else {
      throw ValidationError("--windows must be 16 to 32768")
    }
    guard (0...100_000).contains(soakMinutes) else {
      throw ValidationError("--soak-minutes must be 0 to 100000")
    }
    guard (64...60_000).contains(shards) else {
      throw ValidationError("--shards must be 64 to 60000")
    }
  }

  func run() throws {
    Interruption.finishSafely()
    let folder = try ScratchFolder(below: scratch)
    var configuration = PipelineBenchmark.Configuration(
      tokens: tokens, runs: runs, seed: seed, threads: threads, windows: windows, shards: shards,
      cacheBytes: cache.bytes, scratch: folder.path)
    configuration.soakSeconds = 60 * soakMinutes
    if !only.isEmpty { configuration.benches = Set(only) }
    let benchmark = PipelineBenchmark(
      configuration, observer: BenchRows.observer("pipeline", quiet: showing.quiet))
    try withExtendedLifetime(folder) {
      try BenchRows.print(json: printing.json) { each in try benchmark.run(each: each) }
    }
  }
}
