internal import RefluxKernels
public import RefluxModel
public import RefluxSettings

/// How a verb that runs a model computes.
public struct ComputeSettings: SettingPart, Equatable {
  /// Nil takes bfloat16 where its products are faster on this processor, else float32.
  public var precision: Precision?
  /// Nil takes one per processor.
  public var threads: Int?

  /// The machine's own.
  public init() {}

  /// The rows of a verb's table.
  static let rows: [Setting<ComputeSettings>] = [
    Setting("precision", \.precision, "Operands of matrix products.")
      .standard("bfloat16 where its products are faster, else float32")
      .named("format").identity,
    Setting(
      "threads", \.threads, in: .within(1...1024),
      "Threads that compute. Results do not depend on it."
    ).standard("one per processor"),
  ]
}

/// How a recipe computes, on this machine.
extension ComputeSettings {
  /// The format where none was asked for: bfloat16 where it is faster.
  public var format: Precision {
    precision ?? (Products.hasFastBFloat16 ? .bfloat16 : .float32)
  }

  /// The threads where nobody said how many: one for each processor.
  public var threadCount: Int { threads ?? ProcessorCount.active }

  var workers: Workers { Workers(count: threadCount) }

  /// Refuses a format that this processor has no products for.
  func check() throws(RecipeError) {
    if precision == .bfloat16 && !Products.supportsBFloat16 { throw .noBFloat16 }
  }

  /// What models of a recipe are made with.
  func modelling() throws(RecipeError) -> Modelling {
    try check()
    return Modelling(precision: format, workers: workers)
  }
}

/// How models compute: the format of operands and the team.
struct Modelling {
  let precision: Precision
  let workers: Workers

  /// A model without weights.
  func make(
    _ sizes: DecoderConfiguration, window: Int
  ) throws(ModelError) -> any LanguageModel {
    try sizes.makeModel(window: window, precision: precision, workers: workers)
  }
}
