public import RefluxPipeline
public import RefluxSettings
public import RefluxTargets

/// Which stores batches come from, and how they are cut and ordered.
public struct SourceSettings: SettingPart, Equatable {
  /// The token store, or a mix of several.
  public var tokens: String?
  /// The sample store of the tokens.
  public var samples: String?
  /// The weights of the tokens in the loss.
  public var weights: String?
  /// A file of several stores and their shares.
  public var mix: String?
  /// The order of windows.
  public var order = FeedConfiguration.Order.shuffled
  /// How windows are cut; nil as the samples' were, else without regard to documents.
  public var packing: Packing?
  /// What becomes of the end of an epoch.
  public var remainder = FeedConfiguration.Remainder.dropped
  /// Batches of the plan that are left out.
  public var skip: [RecordRange] = []
  /// Whether windows are taken that the teacher did not see.
  public var allowOtherWindows = false

  /// No stores, all else by default.
  public init() {}

  /// The rows of a verb's table.
  static let rows: [Setting<SourceSettings>] = [
    .path("tokens", \.tokens, "The token store.").instead(of: "mix").named("store").identity,
    .path("samples", \.samples, "Its sample store.").named("store").identity,
    .path(
      "weights", \.weights,
      "The weight of each token in the loss; windows without any are left out."
    ).named("store").identity,
    .path("mix", \.mix, "Several stores and their shares, as JSON; the help of plan has its keys.")
      .instead(of: "tokens", "samples", "weights").named("file").identity,
    Setting("order", \.order, "Order of windows.").identity,
    Setting(
      "packing", \.packing,
      "How windows are cut: windows, documents (each stands for itself) or best-fit (documents"
        + " whole)."
    ).standard("as the samples' were, else windows").identity,
    Setting("remainder", \.remainder, "What becomes of the end of an epoch.").identity,
    Setting(
      "skip", \.skip,
      "Batches of the plan to leave out, in quotes for the shell; may be repeated."
    ).named("A..<B"),
    Setting(
      "allow_other_windows", \.allowOtherWindows,
      "Take windows that the teacher did not see: the targets are then biased."),
  ]

  /// What errors call the stores.
  public var name: String { mix ?? tokens ?? "" }

  func check() throws(SettingError) {
    if (tokens == nil) == (mix == nil) {
      throw .combination("name the stores by one of 'tokens' and 'mix'")
    }
    if mix != nil, samples != nil { throw .combination("'samples' goes with 'tokens'") }
    if mix != nil, weights != nil { throw .combination("'weights' goes with 'tokens'") }
  }

  /// Puts what was asked for into a configuration, and what the stores say where nothing was.
  ///
  /// - Parameter stored: how the samples' windows were cut.
  public func apply(to configuration: inout FeedConfiguration, stored: Packing?) {
    configuration.order = order
    configuration.packing = packing ?? stored ?? .windows
    configuration.remainder = remainder
    configuration.allowsOtherWindows = allowOtherWindows
    configuration.skippedSteps = skip.map { $0.lower..<($0.upper ?? max($0.lower, 1 << 48)) }
  }
}
