#!/usr/bin/env python3
"""Make one tiny random model of each family, with what it computes, for the tests of RefluxModel.

    python3 make_reference.py            # writes the folders beside this script

Needs torch, transformers and safetensors; the versions that made the stored files are in
`versions.json`. Everything is seeded: the same versions write the same values.

Every folder is what `save_pretrained` of transformers writes (config.json, model.safetensors), and
results.safetensors with what the model computes in float32, attention written out ("eager"):
    tokens      I32 [2, 20]    two windows
    labels      I32 [2, 20]
    logits      F32 [40, 53]
    loss        F32 [1]        mean of -log p(label) over the 40 rows
    gradients.TENSOR           of the loss, for every tensor of model.safetensors

Weights are larger than a trained model's would be, biases and gains far from 0 and 1, and bases of
angles and original contexts small, so that every part changes the logits: the script stops where a
part could be left out unnoticed.
"""

import json
import math
import platform
import shutil
from pathlib import Path

import safetensors
import torch
import transformers
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
BATCH, WINDOW, IDS = 2, 20, 53
LLAMA3 = {
    "rope_type": "llama3", "factor": 4.0, "low_freq_factor": 1.0, "high_freq_factor": 3.0,
    "original_max_position_embeddings": 48,
}
YARN = {"rope_type": "yarn", "factor": 3.0, "original_max_position_embeddings": 16,
        "beta_fast": 4.0, "beta_slow": 0.5}

# name: (model_type, settings beyond the common ones, a setting to change and what to change it to)
MODELS = {
    "llama2": ("llama", {"num_key_value_heads": 4,
                         "rope_scaling": {"rope_type": "linear", "factor": 2.0}},
               {"rope_scaling": None}),
    "llama3": ("llama", {"rope_scaling": LLAMA3, "tie_word_embeddings": True},
               {"rope_scaling": {**LLAMA3, "high_freq_factor": 2.0}}),
    "llama-biases": ("llama", {"attention_bias": True, "mlp_bias": True, "head_dim": 10}, None),
    "mistral": ("mistral", {"sliding_window": 5}, {"sliding_window": 6}),
    "qwen2": ("qwen2", {"tie_word_embeddings": True}, None),
    "qwen2-window": ("qwen2", {"use_sliding_window": True, "sliding_window": 4, "num_hidden_layers": 3,
                               "max_window_layers": 1, "rope_scaling": YARN},
                     {"max_window_layers": 2}),
    "qwen3": ("qwen3", {"head_dim": 8, "tie_word_embeddings": True}, None),
    "gpt2": ("gpt2", {}, {"activation_function": "gelu"}),
    "gpt2-exact": ("gpt2", {"activation_function": "gelu", "n_inner": 20, "tie_word_embeddings": False},
                   None),
    "gemma2": ("gemma2", {"num_hidden_layers": 3, "head_dim": 8, "sliding_window": 6,
                          "query_pre_attn_scalar": 20, "attn_logit_softcapping": 2.0,
                          "final_logit_softcapping": 5.0, "tie_word_embeddings": True},
               {"attn_logit_softcapping": None}),
}


def configuration(name, changes=None):
    kind, settings, _ = MODELS[name]
    common = {"vocab_size": IDS, "bos_token_id": None, "eos_token_id": None}
    if kind == "gpt2":
        common |= {"n_embd": 24, "n_layer": 2, "n_head": 3, "n_positions": 32}
    else:
        common |= {
            "hidden_size": 24, "intermediate_size": 28, "num_hidden_layers": 2,
            "num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 48,
            "rope_theta": 60.0, "rms_norm_eps": 1e-5, "pad_token_id": None,
            "tie_word_embeddings": False,
        }
    config = transformers.AutoConfig.for_model(kind, **{**common, **settings, **(changes or {})})
    config._attn_implementation = "eager"
    return config


def fill(model, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in model.named_parameters():
            noise = torch.randn(tensor.shape, generator=generator)
            if name.endswith("bias"):
                tensor.copy_(0.3 * noise)
            elif tensor.dim() == 1:
                # Gemma stores what gains differ from 1 by.
                tensor.copy_((0 if model.config.model_type == "gemma2" else 1) + 0.3 * noise)
            elif "embed" in name or "wte" in name or "wpe" in name or "lm_head" in name:
                tensor.copy_(0.5 * noise)
            else:
                tensor.copy_(1.5 / math.sqrt(24) * noise)


def mean_loss(model, tokens, labels):
    logits = model(tokens).logits.reshape(-1, IDS)
    return logits, torch.nn.functional.cross_entropy(logits, labels.reshape(-1))


def check_that_parts_matter(name, model, tokens, logits):
    """Another setting, or a tensor at its usual start, must change the logits by more than the tests allow."""
    def far(other):
        difference = (other(tokens).logits.reshape(-1, IDS) - logits).abs().max() / logits.abs().max()
        return difference.item() > 1e-4

    with torch.no_grad():
        changes = MODELS[name][2]
        if changes:
            other = transformers.AutoModelForCausalLM.from_config(configuration(name, changes)).eval()
            other.load_state_dict(model.state_dict())
            assert far(other), (name, changes)
        for key, tensor in model.named_parameters():
            # A bias of keys moves all scores of a query alike, unless positions turn the keys.
            if tensor.dim() == 1:
                kept = tensor.clone()
                usual = 0.0 if key.endswith("bias") or model.config.model_type == "gemma2" else 1.0
                tensor.fill_(usual)
                assert far(model), (name, key)
                tensor.copy_(kept)


def make(name, seed, tokens, labels):
    model = transformers.AutoModelForCausalLM.from_config(configuration(name)).float().eval()
    fill(model, seed)
    logits, loss = mean_loss(model, tokens, labels)
    loss.backward()
    check_that_parts_matter(name, model, tokens, logits.detach())
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    with safetensors.safe_open(folder / "model.safetensors", "pt") as file:
        stored = set(file.keys())
    gradients = {key: value.grad for key, value in model.named_parameters()}
    assert stored == set(gradients), stored ^ set(gradients)
    results = {"gradients." + key: value.contiguous() for key, value in gradients.items()}
    results |= {"tokens": tokens.int(), "labels": labels.int(), "logits": logits.detach(),
                "loss": loss.detach().reshape(1)}
    save_file(results, folder / "results.safetensors")
    print(f"{name}: loss {loss.item():.4f}, {sum(w.numel() for w in model.parameters())} parameters")


def main():
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(1)
    draws = torch.randint(0, IDS, (2, BATCH, WINDOW), generator=generator)
    for seed, name in enumerate(MODELS):
        make(name, 100 + seed, draws[0], draws[1])
    versions = {"python": platform.python_version(), "torch": torch.__version__,
                "transformers": transformers.__version__, "safetensors": safetensors.__version__}
    (HERE / "versions.json").write_text(json.dumps(versions, indent=1) + "\n")


if __name__ == "__main__":
    main()
