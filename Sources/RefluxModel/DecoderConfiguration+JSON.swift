public import Foundation

extension DecoderConfiguration {
  /// Reads Hugging Face's `config.json` of a Llama model.
  ///
  /// Throws ``ModelError`` when the text is no JSON object, a size is missing or impossible, or the
  /// model needs something that is not built here (scaled rotary positions, biases, another
  /// activation): a model that would come out differently is refused, never approximated.
  public init(json: Data) throws(ModelError) {
    guard let file = try? JSONDecoder().decode(ConfigurationFile.self, from: json) else {
      throw .notAConfiguration
    }
    try file.refuseUnsupported()
    self.init(
      vocabularySize: try Self.size("vocab_size", file.vocab_size),
      hiddenSize: try Self.size("hidden_size", file.hidden_size),
      intermediateSize: try Self.size("intermediate_size", file.intermediate_size),
      layers: try Self.size("num_hidden_layers", file.num_hidden_layers),
      heads: try Self.size("num_attention_heads", file.num_attention_heads),
      keyHeads: file.num_key_value_heads, headSize: file.head_dim,
      positions: file.max_position_embeddings ?? 2048,
      normEpsilon: file.rms_norm_eps ?? 1e-6,
      ropeBase: file.rope_theta ?? file.rope_parameters?.rope_theta ?? 10_000,
      tiedHead: file.tie_word_embeddings ?? false)
    try validate()
  }

  /// The same as Hugging Face's `config.json`, keys sorted.
  public func json() -> Data {
    let file = ConfigurationFile(
      architectures: ["LlamaForCausalLM"], model_type: "llama", vocab_size: vocabularySize,
      hidden_size: hiddenSize, intermediate_size: intermediateSize, num_hidden_layers: layers,
      num_attention_heads: heads, num_key_value_heads: keyHeads, head_dim: headSize,
      max_position_embeddings: positions, rms_norm_eps: normEpsilon, rope_theta: ropeBase,
      tie_word_embeddings: tiedHead, hidden_act: "silu", attention_bias: false, mlp_bias: false,
      torch_dtype: "float32")
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return (try? encoder.encode(file)) ?? Data()
  }

  private static func size(_ field: String, _ value: Int?) throws(ModelError) -> Int {
    guard let value else {
      throw .configuration(field: field, found: "nothing", expected: "a number")
    }
    return value
  }
}

/// The keys of `config.json` that matter here, under their own names.
private struct ConfigurationFile: Codable {
  var architectures: [String]?
  var model_type: String?
  var vocab_size: Int?
  var hidden_size: Int?
  var intermediate_size: Int?
  var num_hidden_layers: Int?
  var num_attention_heads: Int?
  var num_key_value_heads: Int?
  var head_dim: Int?
  var max_position_embeddings: Int?
  var rms_norm_eps: Float?
  var rope_theta: Double?
  var rope_scaling: RopeParameters?
  var rope_parameters: RopeParameters?
  var tie_word_embeddings: Bool?
  var hidden_act: String?
  var attention_bias: Bool?
  var mlp_bias: Bool?
  var torch_dtype: String?

  struct RopeParameters: Codable {
    var rope_type: String?
    var type: String?
    var rope_theta: Double?
  }

  func refuseUnsupported() throws(ModelError) {
    try refuse("model_type", model_type, supported: "llama")
    try refuse("hidden_act", hidden_act, supported: "silu")
    for rope in [rope_scaling, rope_parameters] {
      try refuse("rope type", rope?.rope_type ?? rope?.type, supported: "default")
    }
    try refuse("attention_bias", attention_bias.map(String.init), supported: "false")
    try refuse("mlp_bias", mlp_bias.map(String.init), supported: "false")
  }

  private func refuse(
    _ field: String, _ found: String?, supported: String
  ) throws(ModelError) {
    if let found, found != supported {
      throw .configuration(field: field, found: found, expected: supported)
    }
  }
}
