import ArgumentParser
import RefluxJSON
import RefluxPipeline

/// A feed as `plan` and `explain-step` look at it.
struct FeedOptions: ParsableArguments {
  @OptionGroup var stores: SourceOptions
  @Option(help: "Tokens per window (default: the samples' context, else 256).")
  var window: Int?
  @Option(help: "Windows per step of one rank.")
  var batch = 8
  @Option(help: "Seed of the order.")
  var seed: UInt64 = 0
  @Option(help: "Machines that share a step.")
  var ranks = 1
  @Option(help: "The machine that is asked about, from 0.")
  var rank = 0
  @Option(
    help: ArgumentHelp(
      "Where a run goes on: the 'position' that 'reflux plan' and the feed print.",
      valueName: "json"))
  var position: String?

  /// Opens the stores and plans.
  func open() throws(Failure) -> (stores: FeedStores, plan: FeedPlan, FeedConfiguration) {
    var stores = try FeedStores(stores)
    var configuration = FeedConfiguration(
      batch: batch, window: window ?? stores.context ?? 256, seed: seed)
    self.stores.apply(to: &configuration, stores)
    try ModelInputs.requireOneTokenizer(stores.claims, folders: stores.folders)
    (configuration.ranks, configuration.rank) = (ranks, rank)
    configuration.position = try at(self.stores.name) { try parsedPosition() }
    let plan = try stores.plan(&configuration)
    return (stores, plan, configuration)
  }

  private func parsedPosition() throws -> FeedPosition? {
    guard let position else { return nil }
    let object = try JSONValue(parsing: Array(position.utf8)).objectValue ?? [:]
    guard let position = FeedPosition(json: object) else {
      throw FeedError.mix(
        "--position must be an object with step, data_step, epoch, window and plan")
    }
    return position
  }
}
