/// The names of the sizes in a family's config.json.
struct ConfigurationKeys {
  let hiddenSize, intermediateSize, layers, heads, positions, normEpsilon: String

  init(_ family: ModelFamily) {
    let isGPT2 = family == .gpt2
    hiddenSize = isGPT2 ? "n_embd" : "hidden_size"
    intermediateSize = isGPT2 ? "n_inner" : "intermediate_size"
    layers = isGPT2 ? "n_layer" : "num_hidden_layers"
    heads = isGPT2 ? "n_head" : "num_attention_heads"
    positions = isGPT2 ? "n_positions" : "max_position_embeddings"
    normEpsilon = isGPT2 ? "layer_norm_epsilon" : "rms_norm_eps"
  }

  /// Whether a key does not change what a model computes: the notes of other programs begin with
  /// "_".
  static func isHarmless(_ key: String) -> Bool { key.hasPrefix("_") || harmless.contains(key) }

  /// A model's history, its special tokens, how text is drawn from it, how it is trained elsewhere
  /// (no dropout is built here).
  private static let harmless: Set<String> = [
    "attn_implementation", "torch_dtype", "dtype", "model_name", "model_max_length",
    "tokenizer_model_max_length", "bos_token", "eos_token", "pad_token", "suppress_tokens",
    "begin_suppress_tokens", "bad_words_ids", "decoder_start_token_id", "forced_bos_token_id",
    "forced_eos_token_id",
    "transformers_version", "transformers.js_config", "unsloth_version", "unsloth_fixed",
    "use_cache", "cache_implementation", "return_dict", "output_attentions", "output_hidden_states",
    "torchscript",
    "pretraining_tp", "is_llama_config", "tokenizer_class", "task_specific_params", "id2label",
    "label2id", "gradient_checkpointing", "n_ctx",
    "sep_token_id", "unk_token_id",
    "attention_dropout", "hidden_dropout", "resid_pdrop", "embd_pdrop", "attn_pdrop",
    "summary_type", "summary_use_proj", "summary_activation", "summary_proj_to_labels",
    "summary_first_dropout", "max_length", "min_length", "do_sample", "num_beams", "temperature",
    "top_k", "top_p", "typical_p", "repetition_penalty", "length_penalty", "no_repeat_ngram_size",
    "num_beam_groups", "diversity_penalty", "encoder_no_repeat_ngram_size",
    "num_return_sequences", "chunk_size_feed_forward", "early_stopping",
  ]
}
