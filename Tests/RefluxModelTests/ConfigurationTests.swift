import Foundation
import RefluxMemory
import RefluxModel
import TestSupport
import Testing

struct ConfigurationTests {
  @Test func readsTheStoredModels() throws {
    let grouped = try DecoderConfiguration(json: StoredRun.configuration("grouped"))
    #expect(
      grouped
        == DecoderConfiguration(
          vocabularySize: 67, hiddenSize: 32, intermediateSize: 40, layers: 2, heads: 4,
          keyHeads: 2, headSize: 8, positions: 64, normEpsilon: 1e-6, ropeBase: 500,
          tiedHead: true))
    let plain = try DecoderConfiguration(json: StoredRun.configuration("plain"))
    #expect(plain.keyHeads == 2 && plain.headSize == 16 && !plain.tiedHead)
    #expect(plain.normEpsilon == 1e-5 && plain.position == .rotary(base: 10_000))
  }

  @Test(arguments: ["grouped", "plain", "teacher"])
  func writesWhatItReads(model: String) throws {
    let configuration = try DecoderConfiguration(json: StoredRun.configuration(model))
    #expect(try DecoderConfiguration(json: configuration.json()) == configuration)
    #expect(configuration.json() == configuration.json())
  }

  /// The stored configuration with some keys replaced, or removed where the value is nil.
  private func changed(_ changes: [String: Any?]) throws -> Data {
    let json = try StoredRun.configuration("grouped")
    var object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    for (key, value) in changes { object[key] = value }
    return try JSONSerialization.data(withJSONObject: object)
  }

  /// A new model's matrices have the deviation that its file names; files say it only where it is
  /// not the usual one.
  @Test func initializerRangeIsHonoured() throws {
    let usual = try DecoderConfiguration(json: changed(["initializer_range": nil]))
    let wide = try DecoderConfiguration(json: changed(["initializer_range": 0.1]))
    #expect(usual.initializerRange == 0.02 && wide.initializerRange == 0.1)
    #expect(try DecoderConfiguration(json: wide.json()) == wide)
    #expect(!String(decoding: usual.json(), as: UTF8.self).contains("initializer_range"))
    for bad in [0, -1.0] {
      let json = try changed(["initializer_range": bad])
      let error = #expect(throws: ModelError.self) { try DecoderConfiguration(json: json) }
      #expect("\(try #require(error))".contains("initializer_range"))
    }
    let models = try [usual, wide].map { sizes in
      let model = try sizes.makeModel(window: 8, workers: Workers(count: 1))
      model.initialize(seed: 5)
      return model
    }
    let entry = try #require(models[0].table.entries.first { $0.role == .matrix })
    for place in entry.offset..<entry.offset + entry.count {
      let ratio = models[1].weights[place] / models[0].weights[place]
      #expect(abs(ratio - 5) < 1e-5)
    }
  }

  /// Transformers 5 keeps the base of the angles in `rope_parameters`.
  @Test func readsTheNewPlaceOfTheRotaryBase() throws {
    let json = try changed([
      "rope_theta": nil, "rope_parameters": ["rope_theta": 1234.5, "rope_type": "default"],
    ])
    #expect(try DecoderConfiguration(json: json).position == .rotary(base: 1234.5))
  }

  @Test func missingOptionalKeysHaveTransformersDefaults() throws {
    let json = try changed([
      "num_key_value_heads": nil, "head_dim": nil, "rope_theta": nil, "rms_norm_eps": nil,
      "max_position_embeddings": nil, "tie_word_embeddings": nil,
    ])
    let configuration = try DecoderConfiguration(json: json)
    #expect(configuration.keyHeads == 4 && configuration.headSize == 8)
    #expect(configuration.position == .rotary(base: 10_000))
    #expect(configuration.normEpsilon == 1e-6)
    #expect(configuration.positions == 2048 && !configuration.tiedHead)
  }

  /// What would come out differently is refused, and the error names the key.
  @Test(arguments: [
    ("hidden_act", "gelu"), ("model_type", "bert"), ("num_key_value_heads", "3"),
    ("num_key_value_heads", "5"),
    ("num_key_value_heads", "0"), ("head_dim", "7"), ("head_dim", "0"), ("hidden_size", "0"),
    ("hidden_size", "-32"), ("num_hidden_layers", "0"), ("vocab_size", "0"),
    ("vocab_size", "16777217"), ("intermediate_size", "0"), ("num_attention_heads", "0"),
    ("rms_norm_eps", "0"), ("rms_norm_eps", "-1"), ("rope_theta", "0"), ("rope_theta", "-5"),
    ("max_position_embeddings", "0"),
  ])
  func refusesWhatIsNotBuilt(key: String, value: String) throws {
    let json: Any = value == "true" ? true : Double(value).map { $0 as Any } ?? value
    let error = #expect(throws: ModelError.self) {
      _ = try DecoderConfiguration(json: changed([key: json]))
    }
    #expect("\(try #require(error))".contains(key), "\(String(describing: error))")
  }

  @Test func refusesOtherRotaryPositions() throws {
    for key in ["rope_scaling", "rope_parameters"] {
      let json = try changed([key: ["rope_type": "dynamic", "factor": 8]])
      let error = #expect(throws: ModelError.self) { _ = try DecoderConfiguration(json: json) }
      #expect("\(try #require(error))".contains("dynamic"))
    }
  }

  /// A key that is not known is refused by name, unless it is off or null.
  @Test func refusesUnknownKeys() throws {
    for value in [5 as Any, true, "text", ["a": 1]] {
      #expect(throws: ModelError.self) {
        _ = try DecoderConfiguration(json: changed(["expert_count": value]))
      }
    }
    let error = #expect(throws: ModelError.self) {
      _ = try DecoderConfiguration(json: changed(["logit_scale": 0.5]))
    }
    #expect(error == .unknownField(name: "logit_scale", found: "0.5"))
    let off: [String: Any?] = ["expert_count": false, "logit_scale": NSNull(), "use_cache": true]
    let configuration = try DecoderConfiguration(json: changed(off))
    #expect(try configuration == DecoderConfiguration(json: StoredRun.configuration("grouped")))
  }

  @Test(arguments: [
    ("gpt2", "scale_attn_weights", "false"), ("gpt2", "scale_attn_by_inverse_layer_idx", "true"),
    ("gpt2", "activation_function", "\"relu\""), ("gpt2", "layer_norm_epsilon", "0"),
    ("gpt2", "n_embd", "25"), ("gpt2", "n_head", "24"), ("gpt2", "n_inner", "0"),
    ("gpt2", "n_positions", "0"), ("gpt2", "add_cross_attention", "true"),
    ("mistral", "sliding_window", "0"), ("mistral", "sliding_window", "\"wide\""),
    ("mistral", "attention_bias", "true"), ("mistral", "architectures", "[\"MistralModel\"]"),
    ("qwen2", "layer_types", "[\"full_attention\", \"sliding_attention\"]"),
    ("qwen2-window", "layer_types", "[\"sliding_attention\"]"),
    ("qwen2-window", "rope_scaling", "{\"rope_type\": \"yarn\"}"),
    ("llama3", "rope_scaling", "{\"rope_type\": \"llama3\", \"factor\": 8}"),
    ("llama3", "rope_scaling", "{\"rope_type\": \"linear\", \"factor\": 0}"),
    ("llama3", "rope_scaling", "{\"rope_type\": \"linear\", \"factor\": 2, \"alpha\": 3}"),
    ("llama3", "partial_rotary_factor", "0.5"), ("llama3", "final_logit_softcapping", "30"),
    ("llama3", "attn_logit_softcapping", "50"), ("llama3", "quantization_config", "{\"bits\": 4}"),
    ("gemma2", "attn_logit_softcapping", "0"), ("gemma2", "final_logit_softcapping", "-1"),
    ("gemma2", "query_pre_attn_scalar", "0"), ("gemma2", "hidden_activation", "\"silu\""),
    ("gemma2", "attention_bias", "true"), ("gemma2", "layer_types", "[\"full_attention\"]"),
    ("gpt2", "final_logit_softcapping", "30"), ("qwen3", "model_type", "\"qwen3_moe\""),
    ("qwen3", "num_experts", "64"),
  ])
  func refusesWhatAFamilyDoesNotHave(family: String, key: String, value: String) throws {
    let json = try StoredFamily.json(family)
    var object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    let data = Data(value.utf8)
    object[key] = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
    let error = #expect(throws: ModelError.self) {
      _ = try DecoderConfiguration(json: JSONSerialization.data(withJSONObject: object))
    }
    let text = "\(try #require(error))"
    let names = key == "n_embd" || key == "n_head" ? ["n_embd", "head_dim", "model_type"] : [key]
    #expect(names.contains { text.contains($0) }, "\(text)")
  }

  /// What a choice means that the file leaves to the family.
  @Test func familiesHaveTheirOwnDefaults() throws {
    func read(_ family: String, without keys: String...) throws -> DecoderConfiguration {
      let json = try StoredFamily.json(family)
      var object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
      for key in keys { object[key] = nil }
      return try DecoderConfiguration(json: JSONSerialization.data(withJSONObject: object))
    }
    #expect(try read("mistral", without: "sliding_window").slidingWindow?.size == 4096)
    #expect(try read("qwen3", without: "head_dim").headSize == 128)
    let gemma = try read(
      "gemma2", without: "layer_types", "attn_logit_softcapping", "final_logit_softcapping")
    #expect(gemma.slidingWindow?.layers == [true, false, true])
    #expect(gemma.attentionSoftcap == 50 && gemma.logitSoftcap == 30)
    #expect(try read("gpt2", without: "n_inner").intermediateSize == 96)
    #expect(try read("gpt2", without: "tie_word_embeddings").tiedHead)
    let window = try read("qwen2-window", without: "layer_types").slidingWindow
    #expect(window == SlidingWindow(size: 4, layers: [false, true, true]))
    #expect(
      try read("qwen2-window", without: "use_sliding_window", "layer_types").slidingWindow == nil)
  }

  @Test(arguments: ["vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers"])
  func refusesAMissingSize(key: String) throws {
    let json = try changed([key: nil])
    #expect(throws: ModelError.configuration(field: key, found: "missing", expected: "a number")) {
      _ = try DecoderConfiguration(json: json)
    }
  }

  @Test(arguments: ["[]", "null", "7"])
  func refusesWhatIsNoConfiguration(text: String) {
    #expect(throws: ModelError.notAConfiguration) {
      _ = try DecoderConfiguration(json: Data(text.utf8))
    }
  }

  @Test(arguments: ["", "{", "\u{0}", "{\n \"vocab_size\": 3,\n}"])
  func saysWhereAConfigurationIsNoJSON(text: String) {
    let error = #expect(throws: ModelError.self) {
      _ = try DecoderConfiguration(json: Data(text.utf8))
    }
    guard case .json(let what) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(what.contains(text.count > 1 ? "line 3, column 1" : "JSON"))
  }
}
