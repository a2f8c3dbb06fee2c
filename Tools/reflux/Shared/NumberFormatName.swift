/// Names of number formats.
enum NumberFormatName {
  /// `bfloat16` for `bf16`; a name that is none of the short ones stays as it is.
  static func long(_ name: String) -> String {
    switch name {
    case "bf16": "bfloat16"
    case "fp16", "f16", "half": "float16"
    case "fp32", "f32", "float": "float32"
    default: name
    }
  }
}
