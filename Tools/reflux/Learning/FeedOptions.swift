import ArgumentParser
import RefluxFiles
import RefluxJSON
import RefluxPipeline
import RefluxStorage

/// Which stores batches come from, and how they are cut and ordered.
struct FeedOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The token store.", valueName: "store"))
  var tokens: String?
  @Option(help: ArgumentHelp("Its sample store.", valueName: "store"))
  var samples: String?
  @Option(help: ArgumentHelp("Several stores and their shares, as JSON.", valueName: "file"))
  var mix: String?
  @Option(help: "Tokens per window (default: the samples' context, else 256).")
  var window: Int?
  @Option(help: "Windows per step of one rank.")
  var batch = 8
  @Option(help: "Seed of the order.")
  var seed: UInt64 = 0
  @Option(help: "Order of windows: shuffled, local or sequential.")
  var order = FeedConfiguration.Order.shuffled
  @Option(help: "How windows are cut: windows, documents or best-fit.")
  var packing = WindowPacking.windows
  @Option(help: "What becomes of the end of an epoch: dropped or carried.")
  var remainder = FeedConfiguration.Remainder.dropped
  @Option(help: "Machines that share a step.")
  var ranks = 1
  @Option(help: "The machine that is asked about, from 0.")
  var rank = 0
  @Option(help: ArgumentHelp("Steps to leave out; may be repeated.", valueName: "A..<B"))
  var skip: [RecordRange] = []
  @Option(
    help: ArgumentHelp(
      "Where a run goes on: the 'position' that 'reflux plan' and the feed print.",
      valueName: "json"))
  var position: String?
  @Flag(help: "Take windows that the teacher did not see: the targets are then biased.")
  var allowOtherWindows = false

  /// What errors call the stores.
  var name: String { mix ?? tokens ?? "" }

  func validate() throws {
    if (tokens == nil) == (mix == nil) {
      throw ValidationError("name the stores by --tokens or by --mix")
    }
    if mix != nil, samples != nil { throw ValidationError("--samples goes with --tokens") }
  }

  /// Opens the stores and plans.
  func open() throws(Failure) -> (sources: [FeedSource], plan: FeedPlan, FeedConfiguration) {
    var configuration = FeedConfiguration(batch: batch, window: 1, seed: seed, order: order)
    let parsed = try mix.map { path throws(Failure) in try parse(path) }
    var sources = try sources(parsed)
    let context = sources[0].samples?.provenance.contextLength ?? 0
    configuration.window = window ?? (context > 0 ? context : 256)
    configuration.packing = packing
    configuration.allowsOtherWindows = allowOtherWindows
    (configuration.ranks, configuration.rank) = (ranks, rank)
    configuration.remainder = remainder
    configuration.skippedSteps = skip.map { $0.lower..<($0.upper ?? 1 << 48) }
    let path = name
    let plan = try at(path) {
      if let position { configuration.position = try Self.position(position) }
      if let parsed { try Self.weigh(&sources, parsed, &configuration) }
      return try FeedSource.plan(sources, configuration)
    }
    return (sources, plan, configuration)
  }

  private func parse(_ path: String) throws(Failure) -> FeedMix {
    try at(path) {
      let value = try JSONValue(parsing: FileSystem.readFile(path: path, limit: 1 << 24))
      guard let object = value.objectValue else { throw FeedError.mix("expected a JSON object") }
      return try FeedMix(json: object)
    }
  }

  private func sources(_ mix: FeedMix?) throws(Failure) -> [FeedSource] {
    if let mix {
      var sources: [FeedSource] = []
      for entry in mix.sources {
        let tokens = try ModelInputs.tokens(entry.tokens)
        let samples = try entry.samples.map { path throws(Failure) in
          try at(path) { try SampleStore(path: path) }
        }
        sources.append(
          FeedSource(
            name: entry.tokens, tokens: tokens, samples: samples,
            tokenWeight: entry.tokenWeight, alpha: entry.alpha))
      }
      return sources
    }
    let path = tokens ?? ""
    let tokens = try ModelInputs.tokens(path)
    let samples = try samples.map { path throws(Failure) in
      try at(path) { try SampleStore(path: path) }
    }
    return [FeedSource(name: path, tokens: tokens, samples: samples)]
  }

  /// Shares as whole numbers of windows.
  private static func weigh(
    _ sources: inout [FeedSource], _ mix: FeedMix, _ configuration: inout FeedConfiguration
  ) throws(FeedError) {
    var shares = mix.sources.map { $0.weight ?? 1 }
    if mix.sources[0].epochs != nil {
      let plan = try FeedSource.plan(sources, configuration)
      shares = zip(mix.sources, plan.windowCounts).map { source, count in
        (1_000 * (source.epochs ?? 1)).rounded() * Double(count)
      }
      for index in sources.indices { sources[index].weight = Int(min(shares[index], 1e12)) }
    } else {
      let weights = try FeedMix.whole(shares, stores: sources.count)
      for index in sources.indices { sources[index].weight = weights[index] }
    }
    for phase in mix.phases {
      configuration.phases.append(
        BlendPhase(
          firstWindow: phase.fromToken / configuration.window,
          weights: try FeedMix.whole(phase.weights, stores: sources.count)))
    }
  }

  private static func position(_ text: String) throws -> FeedPosition {
    let object = try JSONValue(parsing: Array(text.utf8)).objectValue ?? [:]
    guard let position = FeedPosition(json: object) else {
      throw FeedError.mix(
        "--position must be an object with step, data_step, epoch, window and plan")
    }
    return position
  }
}
