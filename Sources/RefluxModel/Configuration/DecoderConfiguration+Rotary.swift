internal import RefluxJSON
internal import RefluxKernels

extension DecoderConfiguration {
  /// The rotary positions of a config.json: `rope_theta` and `rope_scaling`, or `rope_parameters`,
  /// where newer files keep both.
  static func rotary(
    positions: Int, _ reader: inout ConfigurationReader
  ) throws(ModelError) -> PositionKind {
    var base = try reader.number("rope_theta")
    var scaling = RotaryScaling.none
    for key in ["rope_parameters", "rope_scaling"] {
      guard var rope = try reader.part(key) else { continue }
      let theta = try rope.number("rope_theta")
      base = base ?? theta
      let found = try Self.scaling(&rope, positions: positions)
      if found != .none { scaling = found }
      try rope.refuseTheRest()
    }
    try reader.require("rope_interleaved", false)
    if let share = try reader.number("partial_rotary_factor"), share != 1 {
      throw .configuration(field: "partial_rotary_factor", found: "\(share)", expected: "1")
    }
    return .rotary(base: base ?? 10_000, scaling: scaling)
  }

  private static func scaling(
    _ rope: inout ConfigurationReader, positions: Int
  ) throws(ModelError) -> RotaryScaling {
    let kinds = ["default", "linear", "llama3", "yarn"]
    let old = try rope.choice("type", kinds)
    switch try rope.choice("rope_type", kinds) ?? old {
    case "linear": return .linear(factor: try rope.requiredNumber("factor"))
    case "llama3":
      return .llama3(
        factor: try rope.requiredNumber("factor"), low: try rope.requiredNumber("low_freq_factor"),
        high: try rope.requiredNumber("high_freq_factor"),
        originalPositions: try rope.size("original_max_position_embeddings"))
    case "yarn": return .yarn(try yarn(&rope, positions: positions))
    default: return .none
    }
  }

  private static func yarn(
    _ rope: inout ConfigurationReader, positions: Int
  ) throws(ModelError) -> YaRN {
    let factor = try rope.requiredNumber("factor")
    let (weight, whole) = (try rope.number("mscale"), try rope.number("mscale_all_dim"))
    var magnitude = try rope.number("attention_factor")
    if magnitude == nil, let weight, let whole, weight != 0, whole != 0 {
      magnitude =
        YaRN.magnitude(factor: factor, weight: weight)
        / YaRN.magnitude(factor: factor, weight: whole)
    }
    return YaRN(
      factor: factor,
      originalPositions: try rope.whole("original_max_position_embeddings") ?? positions,
      fastTurns: try rope.number("beta_fast") ?? 32, slowTurns: try rope.number("beta_slow") ?? 1,
      magnitude: magnitude, truncates: try rope.flag("truncate") ?? true)
  }

  /// The `rope_scaling` of a config.json; nil for none.
  static func json(of scaling: RotaryScaling) -> JSONValue? {
    switch scaling {
    case .none: nil
    case .linear(let factor): .object(["factor": .number(factor), "rope_type": .string("linear")])
    case .llama3(let factor, let low, let high, let original):
      .object([
        "factor": .number(factor), "high_freq_factor": .number(high),
        "low_freq_factor": .number(low), "original_max_position_embeddings": .integer(original),
        "rope_type": .string("llama3"),
      ])
    case .yarn(let yarn):
      .object([
        "attention_factor": .number(yarn.magnitude), "beta_fast": .number(yarn.fastTurns),
        "beta_slow": .number(yarn.slowTurns), "factor": .number(yarn.factor),
        "original_max_position_embeddings": .integer(yarn.originalPositions),
        "rope_type": .string("yarn"), "truncate": .bool(yarn.truncates),
      ])
    }
  }
}
