import RefluxJSON
import RefluxPipeline
import RefluxRecipes

/// A feed as `plan` and `explain-step` look at it.
extension FeedSettings {
  /// Opens the stores and plans.
  func open() throws(Failure) -> (stores: FeedStores, plan: FeedPlan, FeedConfiguration) {
    var stores = try FeedStores(data)
    var configuration = FeedConfiguration(
      batch: batch, window: window ?? stores.context ?? 256, seed: seed)
    data.apply(to: &configuration, stored: stores.packing)
    try ModelInputs.requireOneTokenizer(stores.claims, folders: stores.folders)
    (configuration.ranks, configuration.rank) = (ranks, rank)
    configuration.position = try at(data.name) { try parsedPosition() }
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
