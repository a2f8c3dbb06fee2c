public import RefluxModel
public import RefluxModelFiles
public import RefluxPipeline
public import RefluxSettings
public import RefluxStorage
public import RefluxTargets
public import RefluxTraining

// The library's own choices as values of settings.

extension OptimizerKind: SettingChoice {}
extension BadStepPolicy: SettingChoice {}
extension Estimator: SettingChoice {}
extension SampleEncoding: SettingChoice {}
extension TargetScalar: SettingChoice {}
extension FeedConfiguration.Order: SettingChoice {}
extension FeedConfiguration.Remainder: SettingChoice {}
extension FeedConfiguration.DamagePolicy: SettingChoice {}
extension Packing: SettingChoice {}
extension WeightFormat: SettingChoice {
  /// Short names too: `bf16`.
  public static func canonical(_ name: String) -> String { NumberFormatName.long(name) }
}
extension SampleValues: SettingChoice {
  /// Short names too: `bf16`.
  public static func canonical(_ name: String) -> String { NumberFormatName.long(name) }
}

extension Precision: SettingChoice {
  /// Short names too: `bf16`.
  public static func canonical(_ name: String) -> String { NumberFormatName.long(name) }
}

/// Names of number formats.
public enum NumberFormatName {
  /// `bfloat16` for `bf16`; a name that is none of the short ones stays as it is.
  public static func long(_ name: String) -> String {
    switch name {
    case "bf16": "bfloat16"
    case "fp16", "f16", "half": "float16"
    case "fp32", "f32", "float": "float32"
    default: name
    }
  }
}
