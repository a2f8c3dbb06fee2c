/// The architectures that are built here, by Hugging Face's `model_type`: they name the keys of
/// config.json and the tensors, and fix what their configurations leave open.
public enum ModelFamily: String, CaseIterable, Sendable {
  /// Llama 1 to 3, TinyLlama, SmolLM.
  case llama
  /// Mistral 7B: Llama's layers with a sliding window.
  case mistral
  /// Qwen 2 and 2.5: biases on queries, keys and values.
  case qwen2
  /// Qwen 3: norms of queries and keys.
  case qwen3
  /// Gemma 2: norms after the layers too, softcaps, windows in every other layer.
  case gemma2
  /// GPT-2: LayerNorm, learned positions, GELU, biases everywhere.
  case gpt2

  /// The class that Hugging Face's config.json names for a model with a head.
  public var architecture: String {
    switch self {
    case .llama: "LlamaForCausalLM"
    case .mistral: "MistralForCausalLM"
    case .qwen2: "Qwen2ForCausalLM"
    case .qwen3: "Qwen3ForCausalLM"
    case .gemma2: "Gemma2ForCausalLM"
    case .gpt2: "GPT2LMHeadModel"
    }
  }
}
