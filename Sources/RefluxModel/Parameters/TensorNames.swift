/// What a family calls its tensors, without `.weight` and `.bias`.
struct TensorNames {
  /// Stands before every name but the head's; some files of the family leave it out.
  let prefix: String
  let embedding, positions, layer, inputNorm, output, feedForwardNorm, down, finalNorm: String
  let queryNorm = "self_attn.q_norm"
  let keyNorm = "self_attn.k_norm"
  let attentionOutputNorm = "post_attention_layernorm"
  let feedForwardOutputNorm = "post_feedforward_layernorm"
  let head = "lm_head"
  /// Queries, keys and values: three tensors, or one of all.
  let projections: [String]
  /// Gate and up, or the input of the unit.
  let expansion: [String]
  /// Whether matrices are stored as inputs x outputs.
  let isTransposed: Bool

  init(_ family: ModelFamily) {
    let isGPT2 = family == .gpt2
    prefix = isGPT2 ? "transformer." : "model."
    embedding = isGPT2 ? "wte" : "embed_tokens"
    positions = "wpe"
    layer = isGPT2 ? "h" : "layers"
    inputNorm = isGPT2 ? "ln_1" : "input_layernorm"
    projections =
      isGPT2 ? ["attn.c_attn"] : ["self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"]
    output = isGPT2 ? "attn.c_proj" : "self_attn.o_proj"
    feedForwardNorm =
      switch family {
      case .gpt2: "ln_2"
      case .gemma2: "pre_feedforward_layernorm"
      default: "post_attention_layernorm"
      }
    expansion = isGPT2 ? ["mlp.c_fc"] : ["mlp.gate_proj", "mlp.up_proj"]
    down = isGPT2 ? "mlp.c_proj" : "mlp.down_proj"
    finalNorm = isGPT2 ? "ln_f" : "norm"
    isTransposed = isGPT2
  }
}
