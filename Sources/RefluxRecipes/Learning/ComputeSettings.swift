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
