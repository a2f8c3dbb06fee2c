import ArgumentParser
import RefluxPipeline
import RefluxTargets

/// Which stores batches come from, and how they are cut and ordered.
struct SourceOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The token store.", valueName: "store"))
  var tokens: String?
  @Option(help: ArgumentHelp("Its sample store.", valueName: "store"))
  var samples: String?
  @Option(
    help: ArgumentHelp(
      "Several stores and their shares, as JSON; see 'reflux plan --help'.", valueName: "file"))
  var mix: String?
  @Option(help: "Order of windows: shuffled, local or sequential.")
  var order = FeedConfiguration.Order.shuffled
  @Option(
    help: ArgumentHelp(
      "How windows are cut: windows, documents (each stands for itself) or best-fit (documents"
        + " whole); default: as the samples' were, else windows."))
  var packing: Packing?
  @Option(help: "What becomes of the end of an epoch: dropped or carried.")
  var remainder = FeedConfiguration.Remainder.dropped
  @Option(
    help: ArgumentHelp(
      "Batches of the plan to leave out, in quotes for the shell; may be repeated.",
      valueName: "A..<B"))
  var skip: [RecordRange] = []
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

  /// Puts what was asked for into a configuration, and what the stores say where nothing was.
  func apply(to configuration: inout FeedConfiguration, _ stores: FeedStores) {
    configuration.order = order
    configuration.packing = packing ?? stores.packing ?? .windows
    configuration.remainder = remainder
    configuration.allowsOtherWindows = allowOtherWindows
    configuration.skippedSteps = skip.map { $0.lower..<($0.upper ?? 1 << 48) }
  }
}
