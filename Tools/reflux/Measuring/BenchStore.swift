import ArgumentParser
import RefluxBenchmarks

extension StoreBenchmark.Bench: ExpressibleByArgument {}

/// What sample stores cost and how fast they are.
struct BenchStore: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "store",
    abstract: "Size, decoding, random access, writing and opening of sample stores.",
    discussion: """
      Measures synthetic sets (50 draws a position, 15.3 of them different, a vocabulary of \
      128,256) and, with --samples, those of a real store, on one thread and from the page cache. \
      Each form of store is written to a folder of its own below --scratch, which is removed at \
      the end.

      size: the whole file, beside 3 bytes per id and the entropy of the sets; decode: all records \
      into arrays, beside liblz4's own speed on the same blocks; random: one record at a time; \
      write: records to a sealed file, beside liblz4's compression, without the flush to disk; \
      open: a store of --simulated-size that is holes but for its first and last block and a whole \
      index, which takes about 0.1 % of that size below --scratch.

      EXAMPLES:
        reflux bench store
        reflux bench store --samples quickstart/samples.rfx --runs 21
        reflux bench store --only open --simulated-size 10TB
        reflux bench store --records 10000 --json
      """)

  @Option(
    help: ArgumentHelp(
      "A sample store with counts to measure too; its first records are read.",
      valueName: "store"))
  var samples: String?
  @Option(
    help: ArgumentHelp(
      "Measure only this: size, decode, random, write or open; may be repeated.",
      valueName: "bench"))
  var only: [StoreBenchmark.Bench] = []
  @Option(help: "Runs that count, after two for warming up.")
  var runs = 11
  @Option(help: "Records of each sample set, at most.")
  var records = 65_536
  @Option(help: "Seed of the synthetic sets.")
  var seed: UInt64 = 0
  @Option(
    help: ArgumentHelp("Size of the store that 'open' opens, at most.", valueName: "size"))
  var simulatedSize = ByteSize(bytes: 1_000_000_000_000)
  @OptionGroup var scratch: ScratchOptions
  @OptionGroup var output: BenchOptions

  func validate() throws {
    try BenchOptions.check("--runs", runs, in: 1...10_000)
    try BenchOptions.check("--records", records, in: 1024...1 << 24)
    guard (1 << 20...16_000_000_000_000).contains(simulatedSize.bytes) else {
      throw ValidationError("--simulated-size must be 1MiB to 16TB")
    }
  }

  func run() throws {
    Interruption.finishSafely()
    try scratch.withFolder { folder in
      var configuration = StoreBenchmark.Configuration(scratch: folder)
      (configuration.samplesPath, configuration.records) = (samples, records)
      (configuration.runs, configuration.seed) = (runs, seed)
      configuration.simulatedBytes = simulatedSize.bytes
      if !only.isEmpty { configuration.benches = Set(only) }
      try output.run(StoreBenchmark.self, configuration, verb: "store")
    }
  }
}
