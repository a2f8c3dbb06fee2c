internal import RefluxEvaluation
public import RefluxLosses
internal import RefluxPipeline
public import RefluxSettings
public import RefluxTargets

/// What `evaluate` can be told.
public struct EvaluateSettings: Settings {
  /// A model's folder.
  public var model = ""
  /// The held-out token store.
  public var tokens = ""
  /// Tokens of a window.
  public var context: Int?
  /// A teacher's folder.
  public var teacher: String?
  /// The sample store of the tokens.
  public var samples: String?
  /// Objectives that are computed besides.
  public var objectives: [ObjectiveChoice] = []
  /// How windows are cut.
  public var packing: Packing?
  /// At most so many tokens.
  public var limit: Int?
  /// Bins of the calibration error.
  public var calibrationBins = 15
  /// Batch sizes at which gradients are compared.
  public var gradients: CommaList<Int>?
  /// What is drawn for that.
  public var gradientTargets: CommaList<DrawnTarget>?
  /// Batches of the largest size.
  public var gradientBatches = 4
  /// Where a page goes.
  public var html: String?
  /// Number format and threads.
  public var compute = ComputeSettings()

  /// All defaults; model and tokens are to be named.
  public init() {}

  /// The verb of the command.
  public static let verb = "evaluate"

  /// The table.
  public static let groups: [SettingGroup<EvaluateSettings>] = [
    SettingGroup("", inputs), SettingGroup("Gradients", comparison),
    SettingGroup("Machine", ComputeSettings.rows.map { $0.of(\.compute) }),
  ]

  private static let inputs: [Setting<EvaluateSettings>] = [
    .path("model", \.model, "Folder of the model."),
    .path("tokens", \.tokens, "Held-out token store.").named("store"),
    Setting("context", \.context, in: .atLeast(1), "Tokens of a window.")
      .standard("the samples' context, else 256 or the model's positions if fewer")
      .named("tokens"),
    .path("teacher", \.teacher, "A teacher, for acceptance and agreement.").named("model"),
    .path(
      "samples", \.samples, "Sample store of the tokens, for the KL and the estimated acceptance."
    )
    .named("store"),
    Setting(
      "objective", \.objectives,
      "A loss to compute by the book, NAME or NAME:key=value,..., on the first"
        + " \(Evaluator.objectivePositions) positions: from 'samples' where they fit it, else from"
        + " 'teacher'; may be repeated."
    ).named("loss"),
    Setting(
      "packing", \.packing,
      "How windows are cut: windows, documents (each stands for itself) or best-fit (documents"
        + " whole)."
    ).standard("as the samples' were, else windows"),
    Setting(
      "limit", \.limit, in: .atLeast(1),
      "At most so many tokens, from the first; the last window is cut there."
    )
    .standard("all; with 'gradients' those of its batches").named("tokens"),
    Setting(
      "calibration_bins", \.calibrationBins, in: .within(Evaluator.binRange),
      "Bins of confidence, equally wide, of the calibration error."
    ).named("bins"),
    .path(
      "html", \.html,
      "Where a page with all figures and the reliability diagram goes; an older page of this verb"
        + " is replaced."
    )
    .named("file"),
  ]

  private static let comparison: [Setting<EvaluateSettings>] = [
    Setting(
      "gradients", \.gradients, in: .within(FeedConfiguration.batchRange),
      "Batch sizes, in windows, at which to compare gradients with those of 'teacher'."
    ).named("sizes"),
    Setting(
      "gradient_targets", \.gradientTargets,
      "What to draw for 'gradients': estimators with their rounds, such as topk12,multinomial50."
    ).named("targets"),
    Setting(
      "gradient_batches", \.gradientBatches, in: .atLeast(1),
      "Batches of the largest size of 'gradients'; smaller sizes have as many more."
    ).named("batches"),
  ]

  /// Checks the settings beside each other.
  ///
  /// - Throws: `combination`.
  public func check() throws(SettingError) {
    if gradients != nil, teacher == nil || samples == nil && gradientTargets == nil {
      throw .combination("'gradients' needs 'teacher', and 'samples' or 'gradient_targets'")
    }
    if gradientTargets != nil, gradients == nil {
      throw .combination("'gradient_targets' needs 'gradients'")
    }
  }
}
