internal import RefluxJSON
internal import RefluxKernels

extension DecoderConfiguration {
  /// Reads Hugging Face's `config.json` of one of the families of ``ModelFamily``; without a
  /// `model_type` that of a Llama.
  ///
  /// - Throws: ``ModelError`` when the text is no JSON object, a size is missing or impossible, or
  ///   a key is not known to be harmless and not honoured here: a model that would come out
  ///   differently is refused by the key's name, never approximated.
  public init(json: some Sequence<UInt8>) throws(ModelError) {
    var reader = try ConfigurationReader(json: json)
    let families = ModelFamily.allCases.map(\.rawValue)
    let family = try reader.choice("model_type", families).flatMap(ModelFamily.init) ?? .llama
    if let found = try reader.texts("architectures"), found != [family.architecture] {
      throw .configuration(
        field: "architectures", found: found.joined(separator: ", "),
        expected: family.architecture)
    }
    self = try family == .gpt2 ? Self.gpt2(&reader) : Self.llamaLike(family, &reader)
    specialTokens = SpecialTokens(
      beginning: try reader.whole("bos_token_id"), end: try reader.wholes("eos_token_id"),
      padding: try reader.whole("pad_token_id"))
    initializerRange = try reader.number("initializer_range") ?? initializerRange
    try reader.refuseTheRest()
    do { try validate() } catch {
      guard case .configuration(let field, let found, let expected) = error,
        reader.isMissing(field)
      else { throw error }
      throw .configuration(
        field: field, found: "\(found) (the default, as the key is missing)", expected: expected)
    }
  }

  private static func sizes(
    _ family: ModelFamily, _ reader: inout ConfigurationReader
  ) throws(ModelError) -> DecoderConfiguration {
    let keys = ConfigurationKeys(family)
    let vocabulary = try reader.size("vocab_size", vocabularySizes)
    let hidden = try reader.size(keys.hiddenSize, hiddenSizes)
    let inner = try reader.whole(keys.intermediateSize)
    let isUsual = family == .gpt2 && inner == nil
    var result = DecoderConfiguration(
      vocabularySize: vocabulary, hiddenSize: hidden,
      intermediateSize: try isUsual
        ? 4 * hidden : reader.size(keys.intermediateSize, intermediateSizes),
      layers: try reader.size(keys.layers, layerCounts),
      heads: try reader.size(keys.heads, headCounts),
      tiedHead: try reader.flag("tie_word_embeddings") ?? (family == .gpt2 || family == .gemma2))
    result.family = family
    return result
  }

  // MARK: GPT-2

  private static func gpt2(
    _ reader: inout ConfigurationReader
  ) throws(ModelError) -> DecoderConfiguration {
    var result = try sizes(.gpt2, &reader)
    result.positions = try reader.whole("n_positions") ?? 1024
    result.norm = .layer
    result.normEpsilon = try Float(reader.number("layer_norm_epsilon") ?? 1e-5)
    result.position = .learned
    let form = try reader.choice(
      "activation_function", ["gelu_new", "gelu_pytorch_tanh", "gelu"])
    result.feedForward = .gelu(form == "gelu" ? .exact : .tanh)
    result.biases = .all
    try reader.require("scale_attn_weights", true)
    for key in ["scale_attn_by_inverse_layer_idx", "add_cross_attention"] {
      try reader.require(key, false)
    }
    // Attention is computed in float32 anyway.
    _ = try reader.flag("reorder_and_upcast_attn")
    return result
  }

  // MARK: Llama and its relatives

  private static func llamaLike(
    _ family: ModelFamily, _ reader: inout ConfigurationReader
  ) throws(ModelError) -> DecoderConfiguration {
    var result = try sizes(family, &reader)
    let keyHeads: [ModelFamily: Int] = [.mistral: 8, .qwen2: 32, .qwen3: 32, .gemma2: 4]
    let nullIsAll = reader.isNull("num_key_value_heads")
    result.keyHeads =
      try reader.whole("num_key_value_heads")
      ?? (nullIsAll ? result.heads : keyHeads[family] ?? result.heads)
    let headSize = try reader.whole("head_dim")
    result.headSize =
      headSize ?? [.qwen3: 128, .gemma2: 256][family] ?? result.hiddenSize / max(result.heads, 1)
    let positions: [ModelFamily: Int] = [
      .mistral: 131_072, .qwen2: 32_768, .qwen3: 32_768, .gemma2: 8192,
    ]
    result.positions =
      try reader.whole("max_position_embeddings") ?? positions[family] ?? 2048
    result.normEpsilon = try Float(reader.number("rms_norm_eps") ?? 1e-6)
    if family == .gemma2 {
      try readGemma(&result, &reader)
    } else {
      _ = try reader.choice("hidden_act", ["silu", "swish"])
    }
    result.normsHeads = family == .qwen3
    result.biases = try biases(family, &reader)
    result.position = try rotary(positions: result.positions, &reader)
    result.slidingWindow = try slidingWindow(family, layers: result.layers, &reader)
    return result
  }

  private static func biases(
    _ family: ModelFamily, _ reader: inout ConfigurationReader
  ) throws(ModelError) -> Biases {
    switch family {
    case .llama, .qwen3:
      let attention: Biases = try reader.flag("attention_bias") ?? false ? .attention : []
      if family == .qwen3 { return attention }
      return try reader.flag("mlp_bias") ?? false ? attention.union(.feedForward) : attention
    case .qwen2: return .projections
    case .mistral, .gemma2, .gpt2: return []
    }
  }

  private static func readGemma(
    _ result: inout DecoderConfiguration, _ reader: inout ConfigurationReader
  ) throws(ModelError) {
    for key in ["hidden_activation", "hidden_act"] {
      _ = try reader.choice(key, ["gelu_pytorch_tanh"])
    }
    try reader.require("attention_bias", false)
    result.feedForward = .geGLU
    (result.gainsAreOffsets, result.normsOutputs, result.scalesEmbedding) = (true, true, true)
    result.queryScalar = try reader.number("query_pre_attn_scalar") ?? 256
    result.attentionSoftcap = try limit("attn_logit_softcapping", 50, &reader)
    result.logitSoftcap = try limit("final_logit_softcapping", 30, &reader)
  }

  /// Null is none, a missing key the usual one.
  private static func limit(
    _ key: String, _ usual: Float, _ reader: inout ConfigurationReader
  ) throws(ModelError) -> Float? {
    let isOff = reader.isNull(key)
    return try reader.number(key).map { Float($0) } ?? (isOff ? nil : usual)
  }
}
