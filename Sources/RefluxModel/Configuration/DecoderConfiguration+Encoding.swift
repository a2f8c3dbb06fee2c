public import Foundation
internal import RefluxJSON
internal import RefluxKernels

extension DecoderConfiguration {
  /// The same as Hugging Face's `config.json`, keys sorted.
  ///
  /// - Parameter weights: the format of the weights beside it; readers may load them as that.
  public func json(weights: String = "float32") -> Data {
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
    members.merge(family == .gpt2 ? gpt2Members : llamaMembers) { $1 }
    let sorted = members.sorted { $0.key < $1.key }.map { JSONObject.Member($0.key, $0.value) }
    return Data(JSONValue.object(JSONObject(sorted)).encoded(indented: true))
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
    switch family {
    case .llama:
      members["attention_bias"] = .bool(biases.contains(.projections))
      members["mlp_bias"] = .bool(biases.contains(.feedForward))
    case .qwen2, .qwen3:
      if family == .qwen3 { members["attention_bias"] = .bool(biases.contains(.projections)) }
      members["use_sliding_window"] = .bool(slidingWindow != nil)
      members["sliding_window"] = slidingWindow.map { .integer($0.size) }
      members["max_window_layers"] = slidingWindow.map { .integer($0.firstLayer) }
    case .mistral: members["sliding_window"] = slidingWindow.map { .integer($0.size) } ?? .null
    case .gpt2: break
    }
    return members
  }
}
