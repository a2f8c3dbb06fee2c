public import Foundation

extension DecoderConfiguration {
  /// Reads Hugging Face's `config.json` of a Llama model.
  ///
  /// Throws ``ModelError`` when the text is no JSON object, a size is missing or impossible, or the
  /// model needs something that is not built here (scaled rotary positions, biases, another
  /// activation): a model that would come out differently is refused, never approximated.
  public init(json: Data) throws(ModelError) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let file = try? decoder.decode(ConfigurationFile.self, from: json) else {
      throw .notAConfiguration
    }
    try file.refuseUnsupported()
    self.init(
      vocabularySize: try Self.size("vocab_size", file.vocabSize),
      hiddenSize: try Self.size("hidden_size", file.hiddenSize),
      intermediateSize: try Self.size("intermediate_size", file.intermediateSize),
      layers: try Self.size("num_hidden_layers", file.numHiddenLayers),
      heads: try Self.size("num_attention_heads", file.numAttentionHeads),
      keyHeads: file.numKeyValueHeads, headSize: file.headDim,
      positions: file.maxPositionEmbeddings ?? 2048,
      normEpsilon: file.rmsNormEps ?? 1e-6,
      ropeBase: file.ropeTheta ?? file.ropeParameters?.ropeTheta ?? 10_000,
      tiedHead: file.tieWordEmbeddings ?? false)
    try validate()
  }

  /// The same as Hugging Face's `config.json`, keys sorted.
  public func json() -> Data {
    let file = ConfigurationFile(
      architectures: ["LlamaForCausalLM"], modelType: "llama", vocabSize: vocabularySize,
      hiddenSize: hiddenSize, intermediateSize: intermediateSize, numHiddenLayers: layers,
      numAttentionHeads: heads, numKeyValueHeads: keyHeads, headDim: headSize,
      maxPositionEmbeddings: positions, rmsNormEps: normEpsilon, ropeTheta: ropeBase,
      tieWordEmbeddings: tiedHead, hiddenAct: "silu", attentionBias: false, mlpBias: false,
      torchDtype: "float32")
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return (try? encoder.encode(file)) ?? Data()
  }

  private static func size(_ field: String, _ value: Int?) throws(ModelError) -> Int {
    guard let value else {
      throw .configuration(field: field, found: "missing", expected: "a number")
    }
    return value
  }
}

/// The keys of `config.json` that matter here; there they are in snake case.
private struct ConfigurationFile: Codable {
  var architectures: [String]?
  var modelType: String?
  var vocabSize: Int?
  var hiddenSize: Int?
  var intermediateSize: Int?
  var numHiddenLayers: Int?
  var numAttentionHeads: Int?
  var numKeyValueHeads: Int?
  var headDim: Int?
  var maxPositionEmbeddings: Int?
  var rmsNormEps: Float?
  var ropeTheta: Double?
  var ropeScaling: RopeParameters?
  var ropeParameters: RopeParameters?
  var tieWordEmbeddings: Bool?
  var hiddenAct: String?
  var attentionBias: Bool?
  var mlpBias: Bool?
  var torchDtype: String?

  struct RopeParameters: Codable {
    var ropeType: String?
    var type: String?
    var ropeTheta: Double?
  }

  func refuseUnsupported() throws(ModelError) {
    try refuse("model_type", modelType, supported: "llama")
    try refuse("hidden_act", hiddenAct, supported: "silu")
    for rope in [ropeScaling, ropeParameters] {
      try refuse("rope type", rope?.ropeType ?? rope?.type, supported: "default")
    }
    try refuse("attention_bias", attentionBias.map(String.init), supported: "false")
    try refuse("mlp_bias", mlpBias.map(String.init), supported: "false")
  }

  private func refuse(
    _ field: String, _ found: String?, supported: String
  ) throws(ModelError) {
    if let found, found != supported {
      throw .configuration(field: field, found: found, expected: supported)
    }
  }
}
