internal import RefluxKernels

extension DecoderConfiguration {
  // What other numbers are computed from; within these no product overflows.
  static let vocabularySizes = 1...(1 << 24)
  static let hiddenSizes = 1...(1 << 16)
  static let intermediateSizes = 1...(1 << 18)
  static let layerCounts = 1...1024
  static let headCounts = 1...1024

  /// Checks every size, by itself and beside the others.
  ///
  /// - Throws: ``ModelError/configuration(field:found:expected:)`` for the first size that no
  ///   decoder can have.
  public func validate() throws(ModelError) {
    let keys = ConfigurationKeys(family)
    try Self.require("vocab_size", vocabularySize, Self.vocabularySizes)
    try Self.require(keys.hiddenSize, hiddenSize, Self.hiddenSizes)
    try Self.require(keys.intermediateSize, intermediateSize, Self.intermediateSizes)
    try Self.require(keys.layers, layers, Self.layerCounts)
    try Self.require(keys.heads, heads, Self.headCounts)
    try Self.require("num_key_value_heads", keyHeads, 1...heads)
    try Self.require("head_dim", headSize, 2...4096)
    try Self.require(keys.positions, positions, 1...(1 << 22))
    if heads % keyHeads != 0 {
      throw .configuration(
        field: "num_key_value_heads", found: "\(keyHeads)", expected: "a divisor of \(heads)")
    }
    if headSize % 2 != 0 {
      throw .configuration(field: "head_dim", found: "\(headSize)", expected: "an even number")
    }
    if !(normEpsilon > 0 && normEpsilon < 1) {
      throw .configuration(
        field: keys.normEpsilon, found: "\(normEpsilon)", expected: "above 0 and below 1")
    }
    if let slidingWindow {
      try Self.require("sliding_window", slidingWindow.size, 1...(1 << 31))
      try Self.require("layer_types", slidingWindow.layers?.count ?? layers, layers...layers)
    }
    try validateLimits()
    try validatePositions()
    try validateFamily()
  }

  private func validateLimits() throws(ModelError) {
    let limits: [(String, Double?)] = [
      ("initializer_range", initializerRange), ("query_pre_attn_scalar", queryScalar),
      ("attn_logit_softcapping", attentionSoftcap.map(Double.init)),
      ("final_logit_softcapping", logitSoftcap.map(Double.init)),
    ]
    for (key, value) in limits {
      if let value, !(value > 0 && value.isFinite) {
        throw .configuration(field: key, found: "\(value)", expected: "above 0")
      }
    }
  }

  private func validatePositions() throws(ModelError) {
    guard case .rotary(let base, let scaling) = position else { return }
    if !(base > 1 && base.isFinite) {
      throw .configuration(field: "rope_theta", found: "\(base)", expected: "above 1")
    }
    func require(_ name: String, _ value: Double, above limit: Double) throws(ModelError) {
      if !(value > limit && value.isFinite) {
        throw .configuration(
          field: "rope_scaling's \(name)", found: "\(value)", expected: "above \(limit)")
      }
    }
    switch scaling {
    case .none: break
    case .linear(let factor): try require("factor", factor, above: 0)
    case .llama3(let factor, let low, let high, let original):
      try require("factor", factor, above: 0)
      try require("low_freq_factor", low, above: 0)
      try require("high_freq_factor", high, above: low)
      try require("original_max_position_embeddings", Double(original), above: 0)
    case .yarn(let yarn):
      try require("factor", yarn.factor, above: 0)
      try require("beta_slow", yarn.slowTurns, above: 0)
      try require("beta_fast", yarn.fastTurns, above: yarn.slowTurns)
      try require("attention_factor", yarn.magnitude, above: 0)
      try require("original_max_position_embeddings", Double(yarn.originalPositions), above: 0)
    }
  }

  /// Refuses what the files of a family have no way to say.
  private func validateFamily() throws(ModelError) {
    let fits =
      switch family {
      case .gpt2: hasFormOfGPT2 && !hasTraitOfGemma
      case .gemma2:
        hasFormOfLlama && feedForward == .geGLU && gainsAreOffsets && normsOutputs
          && scalesEmbedding
      default:
        hasFormOfLlama && feedForward == .swiGLU && !hasTraitOfGemma
          && (slidingWindow == nil || family != .llama)
          && (slidingWindow?.layers == nil || family != .mistral)
      }
    if !fits || !Self.allowedBiases(family).contains(biases) {
      throw .configuration(
        field: "model_type", found: family.rawValue,
        expected: "a family that has this mixture of norms, positions, biases and windows")
    }
  }

  private var hasFormOfGPT2: Bool {
    norm == .layer && position == .learned && keyHeads == heads && headSize * heads == hiddenSize
      && feedForward != .swiGLU && feedForward != .geGLU && !normsHeads && slidingWindow == nil
  }

  private var hasFormOfLlama: Bool {
    norm == .rms && position != .learned && normsHeads == (family == .qwen3)
  }

  private var hasTraitOfGemma: Bool {
    gainsAreOffsets || normsOutputs || scalesEmbedding || queryScalar != nil
      || attentionSoftcap != nil || logitSoftcap != nil
  }

  private static func allowedBiases(_ family: ModelFamily) -> [Biases] {
    switch family {
    case .llama: [[], .attention, .feedForward, .all]
    case .mistral, .gemma2: [[]]
    case .qwen2: [.projections]
    case .qwen3: [[], .attention]
    case .gpt2: [.all]
    }
  }

  private static func require(
    _ field: String, _ value: Int, _ range: ClosedRange<Int>
  ) throws(ModelError) {
    if !range.contains(value) {
      throw .configuration(field: field, found: "\(value)", expected: "\(range)")
    }
  }
}
