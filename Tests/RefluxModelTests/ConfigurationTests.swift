import Foundation
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
    #expect(configuration.position == .rotary(base: 10_000) && configuration.normEpsilon == 1e-6)
    #expect(configuration.positions == 2048 && !configuration.tiedHead)
  }

  /// What would come out differently is refused, and the error names the key.
  @Test(arguments: [
    ("hidden_act", "gelu"), ("model_type", "bert"), ("num_key_value_heads", "3"), ("num_key_value_heads", "5"),
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

  @Test(arguments: ["vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers"])
  func refusesAMissingSize(key: String) throws {
    let json = try changed([key: nil])
    #expect(throws: ModelError.configuration(field: key, found: "missing", expected: "a number")) {
      _ = try DecoderConfiguration(json: json)
    }
  }

  @Test(arguments: ["", "{", "[]", "null", "7", "\u{0}"])
  func refusesWhatIsNoConfiguration(text: String) {
    #expect(throws: ModelError.notAConfiguration) {
      _ = try DecoderConfiguration(json: Data(text.utf8))
    }
  }
}
