public import RefluxSettings

/// What `quickstart` can be told.
public struct QuickstartSettings: Settings {
  /// Less text and smaller models.
  public var small = false
  /// Folder for everything that is made.
  public var output: String?
  /// Text files and folders; none for the toolchain's.
  public var data: [String] = []
  /// Seed of weights, order and draws.
  public var seed: UInt64 = 0
  /// Number format and threads.
  public var compute = ComputeSettings()

  /// All defaults.
  public init() {}

  /// The folder.
  public var folder: String { output ?? (small ? "quickstart-small" : "quickstart") }

  /// Sizes and budgets.
  public var configuration: QuickstartConfiguration {
    small ? .small(seed: seed) : QuickstartConfiguration(seed: seed)
  }

  public static let verb = "quickstart"

  public static let groups: [SettingGroup<QuickstartSettings>] = [
    SettingGroup(
      "",
      [
        Setting(
          "small", \.small, "Less text and smaller models: about a minute on two cores."
        ).identity,
        .path("output", \.output, "Folder for everything that is made.")
          .standard("quickstart, or quickstart-small").named("folder"),
        .paths("data", \.data, "Text files and folders instead of the toolchain's.")
          .named("path").identity,
        Setting("seed", \.seed, "Seed of weights, order and draws.").identity,
      ] + ComputeSettings.rows.map { $0.of(\.compute) })
  ]
}
