internal import RefluxPipeline
public import RefluxSettings

/// A feed as it is looked at before a run: what `explain-step` can be told.
public struct FeedSettings: Settings {
  /// Which stores batches come from.
  public var data = SourceSettings()
  /// Tokens per window.
  public var window: Int?
  /// Windows per step of one rank.
  public var batch = 8
  /// Seed of the order.
  public var seed: UInt64 = 0
  /// Machines that share a step.
  public var ranks = 1
  /// The one that is asked about.
  public var rank = 0
  /// Where a run resumes, as JSON.
  public var position: String?

  /// All defaults; the stores are to be named.
  public init() {}

  /// The verb of the command.
  public static let verb = "explain-step"

  /// The table.
  public static let groups: [SettingGroup<FeedSettings>] = [SettingGroup("", rows)]

  static let rows: [Setting<FeedSettings>] =
    SourceSettings.rows.map { $0.of(\.data) } + [
      Setting("window", \.window, in: .within(FeedConfiguration.windowRange), "Tokens per window.")
        .standard("the samples' context, else 256").named("tokens").identity,
      Setting(
        "batch", \.batch, in: .within(FeedConfiguration.batchRange), "Windows per step of one rank."
      ).named("windows").identity,
      Setting("seed", \.seed, "Seed of the order.").identity,
      Setting(
        "ranks", \.ranks, in: .within(FeedConfiguration.ranksRange), "Machines that share a step."),
      Setting("rank", \.rank, in: .within(0...65_535), "The machine that is asked about, from 0."),
      Setting(
        "position", \.position,
        "Where a run resumes: the position that plan and the feed print."
      ).named("json"),
    ]

  /// Checks the settings beside each other.
  ///
  /// - Throws: `combination`.
  public func check() throws(SettingError) { try data.check() }
}

/// What `plan` can be told.
public struct PlanSettings: Settings {
  /// The feed.
  public var feed = FeedSettings()
  /// Steps of the run.
  public var steps: Int?

  /// All defaults; the stores are to be named.
  public init() {}

  /// The verb of the command.
  public static let verb = "plan"

  /// The table.
  public static let groups: [SettingGroup<PlanSettings>] = [
    SettingGroup(
      "",
      FeedSettings.rows.map { $0.of(\.feed) } + [
        Setting("steps", \.steps, in: .within(0...1 << 40), "Steps of the run.")
          .standard("one epoch, or the epochs that the mix says").identity
      ])
  ]

  /// Checks the settings beside each other.
  ///
  /// - Throws: `combination`.
  public func check() throws(SettingError) { try feed.check() }
}
