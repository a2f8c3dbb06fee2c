import Foundation
import RefluxKernels
import RefluxModel
import Testing

/// The configurations of published models, as their config.json has them, and the numbers of
/// parameters that their makers or checkpoints give.
struct PublishedModelTests {
  struct Model: Sendable, CustomStringConvertible {
    var description: String
    var parameters: Int
    var json: String
  }

  private static let models = [
    Model(
      description: "GPT-2", parameters: 124_439_808,
      json: """
        {"activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"],
        "attn_pdrop": 0.1, "bos_token_id": 50256, "embd_pdrop": 0.1, "eos_token_id": 50256,
        "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "model_type": "gpt2",
        "n_ctx": 1024, "n_embd": 768, "n_head": 12, "n_layer": 12, "n_positions": 1024,
        "resid_pdrop": 0.1, "summary_activation": null, "summary_first_dropout": 0.1,
        "summary_proj_to_labels": true, "summary_type": "cls_index", "summary_use_proj": true,
        "task_specific_params": {"text-generation": {"do_sample": true, "max_length": 50}},
        "vocab_size": 50257}
        """),
    Model(
      description: "TinyLlama 1.1B", parameters: 1_100_048_384,
      json: """
        {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "bos_token_id": 1,
        "eos_token_id": 2, "hidden_act": "silu", "hidden_size": 2048, "initializer_range": 0.02,
        "intermediate_size": 5632, "max_position_embeddings": 2048, "model_type": "llama",
        "num_attention_heads": 32, "num_hidden_layers": 22, "num_key_value_heads": 4,
        "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": null, "rope_theta": 10000.0,
        "tie_word_embeddings": false, "torch_dtype": "bfloat16", "use_cache": true,
        "vocab_size": 32000}
        """),
    Model(
      description: "SmolLM2 135M", parameters: 134_515_008,
      json: """
        {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
        "bos_token_id": 0, "eos_token_id": 0, "hidden_act": "silu", "hidden_size": 576,
        "initializer_range": 0.041666666666666664, "intermediate_size": 1536,
        "is_llama_config": true, "max_position_embeddings": 8192, "model_type": "llama",
        "num_attention_heads": 9, "num_hidden_layers": 30, "num_key_value_heads": 3,
        "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_interleaved": false,
        "rope_scaling": null, "rope_theta": 100000, "tie_word_embeddings": true,
        "torch_dtype": "bfloat16", "transformers.js_config": {"kv_cache_dtype": {}},
        "use_cache": true, "vocab_size": 49152}
        """),
    Model(
      description: "Llama 3.2 1B", parameters: 1_235_814_400,
      json: """
        {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
        "bos_token_id": 128000, "eos_token_id": [128001, 128008, 128009], "head_dim": 64,
        "hidden_act": "silu", "hidden_size": 2048, "intermediate_size": 8192,
        "max_position_embeddings": 131072, "mlp_bias": false, "model_type": "llama",
        "num_attention_heads": 32, "num_hidden_layers": 16, "num_key_value_heads": 8,
        "pretraining_tp": 1, "rms_norm_eps": 1e-05, "rope_scaling": {"factor": 32.0,
        "high_freq_factor": 4.0, "low_freq_factor": 1.0, "original_max_position_embeddings": 8192,
        "rope_type": "llama3"}, "rope_theta": 500000.0, "tie_word_embeddings": true,
        "use_cache": true, "vocab_size": 128256}
        """),
    Model(
      description: "Mistral 7B", parameters: 7_241_732_096,
      json: """
        {"architectures": ["MistralForCausalLM"], "bos_token_id": 1, "eos_token_id": 2,
        "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 14336,
        "max_position_embeddings": 32768, "model_type": "mistral", "num_attention_heads": 32,
        "num_hidden_layers": 32, "num_key_value_heads": 8, "rms_norm_eps": 1e-05,
        "rope_theta": 10000.0, "sliding_window": 4096, "tie_word_embeddings": false,
        "vocab_size": 32000}
        """),
    Model(
      description: "Qwen 2.5 0.5B", parameters: 494_032_768,
      json: """
        {"architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643,
        "eos_token_id": 151643, "hidden_act": "silu", "hidden_size": 896,
        "intermediate_size": 4864, "max_position_embeddings": 32768, "max_window_layers": 24,
        "model_type": "qwen2", "num_attention_heads": 14, "num_hidden_layers": 24,
        "num_key_value_heads": 2, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0,
        "sliding_window": 32768, "tie_word_embeddings": true, "use_mrope": false,
        "use_sliding_window": false, "vocab_size": 151936}
        """),
    Model(
      description: "Qwen 3 0.6B", parameters: 596_049_920,
      json: """
        {"architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "bos_token_id": 151643,
        "eos_token_id": 151645, "head_dim": 128, "hidden_act": "silu", "hidden_size": 1024,
        "intermediate_size": 3072, "max_position_embeddings": 40960, "max_window_layers": 28,
        "model_type": "qwen3", "num_attention_heads": 16, "num_hidden_layers": 28,
        "num_key_value_heads": 8, "rms_norm_eps": 1e-06, "rope_scaling": null,
        "rope_theta": 1000000, "sliding_window": null, "tie_word_embeddings": true,
        "use_sliding_window": false, "vocab_size": 151936}
        """),
    Model(
      description: "Gemma 2 2B", parameters: 2_614_341_888,
      json: """
        {"architectures": ["Gemma2ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
        "attn_logit_softcapping": 50.0, "bos_token_id": 2, "cache_implementation": "hybrid",
        "eos_token_id": 1, "final_logit_softcapping": 30.0, "head_dim": 256,
        "hidden_act": "gelu_pytorch_tanh", "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": 2304, "initializer_range": 0.02, "intermediate_size": 9216,
        "max_position_embeddings": 8192, "model_type": "gemma2", "num_attention_heads": 8,
        "num_hidden_layers": 26, "num_key_value_heads": 4, "pad_token_id": 0,
        "query_pre_attn_scalar": 256, "rms_norm_eps": 1e-06, "rope_theta": 10000.0,
        "sliding_window": 4096, "torch_dtype": "float32", "use_cache": true,
        "vocab_size": 256000}
        """),
  ]

  @Test(arguments: models)
  func isReadWhole(model: Model) throws {
    let configuration = try DecoderConfiguration(json: Data(model.json.utf8))
    #expect(configuration.parameterCount == model.parameters)
    #expect(try DecoderConfiguration(json: configuration.json()) == configuration)
  }

  @Test func idsForGenerationAreKept() throws {
    let ids = try Self.models.map {
      try DecoderConfiguration(json: Data($0.json.utf8)).specialTokens
    }
    #expect(ids[3] == SpecialTokens(beginning: 128_000, end: [128_001, 128_008, 128_009]))
    #expect(ids[0] == SpecialTokens(beginning: 50_256, end: [50_256]))
  }

  /// Yarn as Qwen's cards say to switch it on.
  @Test func readsYarn() throws {
    let json = Self.models[5].json.replacingOccurrences(
      of: "\"rope_theta\"",
      with: """
        "rope_scaling": {"factor": 4.0, "original_max_position_embeddings": 32768, "type": "yarn"},
        "rope_theta"
        """)
    let configuration = try DecoderConfiguration(json: Data(json.utf8))
    let yarn = YaRN(factor: 4, originalPositions: 32_768)
    #expect(configuration.position == .rotary(base: 1_000_000, scaling: .yarn(yarn)))
  }
}
