internal import RefluxJSON
internal import RefluxKernels

extension DecoderConfiguration {
  /// The same as Hugging Face's `config.json`, keys sorted.
  ///
  /// - Parameter weights: the format of the weights beside it; readers may load them as that.
  public func json(weights: String = "float32") -> [UInt8] {
    let keys = ConfigurationKeys(family)
    var members: [String: JSONValue] = [
      "architectures": .array([.string(family.architecture)]),
      "model_type": .string(family.rawValue), "torch_dtype": .string(weights),
      "vocab_size": .integer(vocabularySize), keys.hiddenSize: .integer(hiddenSize),
      keys.intermediateSize: .integer(intermediateSize), keys.layers: .integer(layers),
      keys.heads: .integer(heads), keys.positions: .integer(positions),
      keys.normEpsilon: .number(Double("\(normEpsilon)") ?? Double(normEpsilon)),
      "tie_word_embeddings": .bool(tiedHead),
      "bos_token_id": specialTokens.beginning.map { .integer($0) } ?? .null,
      "eos_token_id": endTokens,
      "pad_token_id": specialTokens.padding.map { .integer($0) } ?? .null,
    ]
    if initializerRange != Self.usualInitializerRange {
      members["initializer_range"] = .number(initializerRange)
    }
    members.merge(family == .gpt2 ? gpt2Members : llamaMembers) { $1 }
    let sorted = members.sorted { $0.key < $1.key }.map { JSONObject.Member($0.key, $0.value) }
    return JSONValue.object(JSONObject(sorted)).encoded(indented: true)
  }

  private var endTokens: JSONValue {
    switch specialTokens.end.count {
    case 0: .null
    case 1: .integer(specialTokens.end[0])
    default: .array(specialTokens.end.map { .integer($0) })
    }
  }

  private var gpt2Members: [String: JSONValue] {
    ["activation_function": .string(feedForward == .gelu(.exact) ? "gelu" : "gelu_new")]
  }

  private var llamaMembers: [String: JSONValue] {
    var members: [String: JSONValue] = [
      "num_key_value_heads": .integer(keyHeads), "head_dim": .integer(headSize),
      "hidden_act": .string("silu"),
    ]
    if case .rotary(let base, let scaling) = position {
      members["rope_theta"] = .number(base)
      members["rope_scaling"] = Self.json(of: scaling)
    }
    if family == .llama || family == .qwen3 {
      members["attention_bias"] = .bool(biases.contains(.projections))
    }
    if family == .llama { members["mlp_bias"] = .bool(biases.contains(.feedForward)) }
    if family == .gemma2 { members.merge(gemmaMembers) { $1 } }
    return members.merging(windowMembers) { $1 }
  }

  private var gemmaMembers: [String: JSONValue] {
    func number(_ value: Float?) -> JSONValue {
      value.map { .number(Double("\($0)") ?? Double($0)) } ?? .null
    }
    return [
      "hidden_act": .string("gelu_pytorch_tanh"),
      "hidden_activation": .string("gelu_pytorch_tanh"),
      "query_pre_attn_scalar": .number(queryScalar ?? Double(headSize)),
      "attn_logit_softcapping": number(attentionSoftcap),
      "final_logit_softcapping": number(logitSoftcap),
    ]
  }
}
