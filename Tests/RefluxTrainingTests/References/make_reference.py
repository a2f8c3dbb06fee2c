#!/usr/bin/env python3
"""Make the stored runs that RefluxModel and RefluxTraining are judged against.

    python3 make_reference.py            # writes the files beside this script

Needs torch, transformers, safetensors and numpy; the versions that made the stored files are in
`reference.json` under "versions". Everything is seeded: the same versions write the same values.

Two implementations, neither of them ours, make every figure:

* the judged run: `transformers.LlamaForCausalLM` and `torch.optim.AdamW` in float32;
* the truth: the plain functions below in float64 (transformers computes norms, attention weights and
  angles in float32 whatever the model's type, so it has no float64 run of its own).

The script stops if the two differ by more than float32 rounding explains; "drift" in the JSON says by
how much they do, which is the scale for tolerances.

Models (folders in Hugging Face's layout, classic config.json keys)
    grouped/   67 ids, width 32, 2 layers, 4 heads on 2 key/value heads of 8, tied head
    plain/     67 ids, width 32, 3 layers, 2 heads of 16, own head, eps 1e-5, theta 10000
    teacher/   67 ids, width 16, 1 layer, 2 heads of 8, tied head: teaches both

Data (data.safetensors)
    tokens          I32 [361]      one stream; step k trains on windows 3k ..< 3k + 3 of 12 tokens,
                                   window w = tokens 12w ..< 12w + 12, the label of position i is
                                   token i + 1; so ten steps use positions 0 ..< 360
    sample_lengths  I32 [361]      unique ids of position i
    sample_ids      U8  [sum]      ascending within a position
    sample_counts   U8  [sum]      sum to 50 within a position
    topk_ids        U8  [361, 12]  ascending
    topk_weights    F32 [361, 12]  the teacher's probabilities as they are: mass < 1
Position i's teacher distribution is that for token i + 1 given the tokens of i's window up to i.

Losses, each the mean over all 36 rows of a step, p = softmax of the student's logits:
    ce      -log p(label)
    rskd    sum t log(t / p), t = counts / 50
    topk    sum t log(t / p), t = topk_weights, not normalised: gradient a p - t, a = sum t
    fullkd  sum t log(t / p), t = softmax of the teacher's logits, over all ids

Optimiser, per step (counted from 0), after all gradients are known:
    norm = sqrt(sum of squares of all gradients); gradients *= min(1, 1 / norm)
    lr(step) = peak (step + 1) / warmup                                       step < warmup
             = floor + (peak - floor) (1 + cos(pi q)) / 2, floor = peak / 10,
               q = (step - warmup + 1) / (steps - warmup)                     otherwise
    (peak at step warmup - 1, floor at the last step), peak 0.01, warmup 3, steps 10
    w *= 1 - lr 0.1 for matrices (embedding and head too), not for norm gains
    m = 0.9 m + 0.1 g; v = 0.95 v + 0.05 g^2
    w -= lr (m / (1 - 0.9^n)) / (sqrt(v / (1 - 0.95^n)) + 1e-8), n = step + 1

Stored results
    reference.json   runs[model][loss]: losses (float64), losses_float32, gradient_norms (before the
                     clip), gradients[tensor] = {norm, probe, float32_error} of step 0, unclipped, and
                     changes[tensor] = {norm, probe} of (final - initial) weights. probe is
                     sum_i x_i cos(i) over the flattened tensor, float32_error is max |float32 -
                     float64| / max |float64| of the judged run.
    grouped.safetensors, plain.safetensors
                     logits [36, 67] of step 0; gradients.LOSS.TENSOR of step 0 (the float64 truth,
                     rounded to float32) for grouped: rskd, topk; for plain: ce. The other
                     losses' gradients are there as norm and probe.
"""

import json
import math
import platform
from pathlib import Path

import numpy
import safetensors
import torch
import transformers
from safetensors.torch import save_file

HERE = Path(__file__).resolve().parent
BATCH, WINDOW, STEPS, ROUNDS, TOP = 3, 12, 10, 50, 12
PEAK, WARMUP, BETAS, EPSILON, DECAY, CLIP = 0.01, 3, (0.9, 0.95), 1e-8, 0.1, 1.0
LOSSES = ("ce", "rskd", "topk", "fullkd")
STORED_GRADIENTS = {"grouped": ("rskd", "topk"), "plain": ("ce",)}


def configuration(width, inner, layers, heads, groups, tied, eps, theta):
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": 67,
        "hidden_size": width,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": groups,
        "head_dim": width // heads,
        "hidden_act": "silu",
        "max_position_embeddings": 64,
        "rms_norm_eps": eps,
        "rope_theta": theta,
        "tie_word_embeddings": tied,
        "attention_bias": False,
        "mlp_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": None,
        "eos_token_id": None,
        "torch_dtype": "float32",
    }


MODELS = {
    "grouped": configuration(32, 40, 2, 4, 2, True, 1e-6, 500.0),
    "plain": configuration(32, 24, 3, 2, 2, False, 1e-5, 10000.0),
    "teacher": configuration(16, 24, 1, 2, 2, True, 1e-5, 10000.0),
}


# MARK: Models


def shapes(c):
    """Every tensor in Hugging Face's names, in layer order."""
    width, inner, head = c["hidden_size"], c["intermediate_size"], c["head_dim"]
    queries, keys = c["num_attention_heads"] * head, c["num_key_value_heads"] * head
    table = {"model.embed_tokens.weight": (c["vocab_size"], width)}
    for layer in range(c["num_hidden_layers"]):
        table |= {
            f"model.layers.{layer}.{name}.weight": shape
            for name, shape in {
                "input_layernorm": (width,),
                "self_attn.q_proj": (queries, width),
                "self_attn.k_proj": (keys, width),
                "self_attn.v_proj": (keys, width),
                "self_attn.o_proj": (width, queries),
                "post_attention_layernorm": (width,),
                "mlp.gate_proj": (inner, width),
                "mlp.up_proj": (inner, width),
                "mlp.down_proj": (width, inner),
            }.items()
        }
    table["model.norm.weight"] = (width,)
    if not c["tie_word_embeddings"]:
        table["lm_head.weight"] = (c["vocab_size"], width)
    return table


def initial_weights(c, seed, scale):
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for name, shape in shapes(c).items():
        noise = torch.randn(shape, generator=generator)
        if len(shape) == 1:
            weights[name] = 1 + 0.2 * noise
        elif "embed" in name or "lm_head" in name:
            weights[name] = scale * noise
        else:
            weights[name] = 1.5 / math.sqrt(shape[1]) * noise
    return weights


def truth(c, w, tokens):
    """Logits [batch, window, ids] of token ids [batch, window], in the type of the weights."""
    count, heads, groups = c["num_hidden_layers"], c["num_attention_heads"], c["num_key_value_heads"]
    head, eps = c["head_dim"], c["rms_norm_eps"]
    batch, window = tokens.shape
    dtype = w["model.norm.weight"].dtype

    def normalised(x, gain):
        return gain * x / torch.sqrt((x * x).mean(-1, keepdim=True) + eps)

    half = head // 2
    frequency = c["rope_theta"] ** (-torch.arange(half, dtype=dtype) / half)
    angle = torch.arange(window, dtype=dtype)[:, None] * frequency
    cosine, sine = torch.cos(angle)[None, :, None], torch.sin(angle)[None, :, None]

    def rotated(x):
        a, b = x[..., :half], x[..., half:]
        return torch.cat([a * cosine - b * sine, b * cosine + a * sine], -1)

    future = torch.triu(torch.ones(window, window, dtype=torch.bool), 1)
    x = w["model.embed_tokens.weight"][tokens]
    for layer in range(count):
        at = lambda name: w[f"model.layers.{layer}.{name}.weight"]
        y = normalised(x, at("input_layernorm"))
        q = rotated((y @ at("self_attn.q_proj").T).view(batch, window, heads, head))
        k = rotated((y @ at("self_attn.k_proj").T).view(batch, window, groups, head))
        v = (y @ at("self_attn.v_proj").T).view(batch, window, groups, head)
        k, v = (z.repeat_interleave(heads // groups, 2) for z in (k, v))
        score = torch.einsum("bihd,bjhd->bhij", q, k) / math.sqrt(head)
        share = score.masked_fill(future, -math.inf).softmax(-1)
        mixed = torch.einsum("bhij,bjhd->bihd", share, v).reshape(batch, window, heads * head)
        x = x + mixed @ at("self_attn.o_proj").T
        y = normalised(x, at("post_attention_layernorm"))
        gate = y @ at("mlp.gate_proj").T
        gated = gate * torch.sigmoid(gate) * (y @ at("mlp.up_proj").T)
        x = x + gated @ at("mlp.down_proj").T
    x = normalised(x, w["model.norm.weight"])
    return x @ w.get("lm_head.weight", w["model.embed_tokens.weight"]).T


def transformers_model(c, weights):
    keys = {key: value for key, value in c.items() if key not in ("architectures", "torch_dtype")}
    config = transformers.LlamaConfig(**keys)
    config._attn_implementation = "eager"
    model = transformers.LlamaForCausalLM(config).float()
    missing, unexpected = model.load_state_dict(weights, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    assert torch.equal(model.model.embed_tokens.weight, weights["model.embed_tokens.weight"])
    return model


# MARK: Data


def make_data(teacher):
    generator = torch.Generator().manual_seed(2)
    count = STEPS * BATCH * WINDOW + 1
    ids = MODELS["teacher"]["vocab_size"]
    # A skewed stream with repeats, so that some ids never occur and some often do.
    tokens = (torch.rand(count, generator=generator) ** 2 * ids).long()
    data = {"tokens": tokens.int()}
    double = {name: value.double() for name, value in teacher.items()}
    logits = truth(MODELS["teacher"], double, tokens[:-1].view(-1, WINDOW)).reshape(-1, ids)
    last = truth(MODELS["teacher"], double, tokens[-1:].view(1, 1)).reshape(1, ids)
    probabilities = torch.cat([logits, last]).softmax(-1)
    draws = torch.multinomial(probabilities, ROUNDS, replacement=True, generator=generator)
    counts = torch.zeros_like(probabilities, dtype=torch.long)
    counts.scatter_add_(1, draws, torch.ones_like(draws))
    data["sample_lengths"] = (counts > 0).sum(1).int()
    data["sample_ids"] = counts.nonzero()[:, 1].to(torch.uint8)
    data["sample_counts"] = counts[counts > 0].to(torch.uint8)
    top = probabilities.topk(TOP, -1).indices.sort(-1).values
    data["topk_ids"] = top.to(torch.uint8)
    data["topk_weights"] = probabilities.gather(1, top).float()
    dense = torch.zeros_like(probabilities).scatter(1, top, data["topk_weights"].double())
    return data, counts.double() / ROUNDS, dense


# MARK: Runs


def loss_of(kind, logits, labels, target):
    log_p = logits.reshape(-1, logits.shape[-1]).log_softmax(-1)
    if kind == "ce":
        return -log_p.gather(1, labels.reshape(-1, 1)).mean()
    target = target.to(log_p.dtype)
    return (torch.xlogy(target, target) - target * log_p).sum(-1).mean()


def learning_rate(step):
    if step < WARMUP:
        return PEAK * (step + 1) / WARMUP
    floor = PEAK / 10
    q = (step - WARMUP + 1) / (STEPS - WARMUP)
    return floor + (PEAK - floor) * (1 + math.cos(math.pi * q)) / 2


def run(name, initial, teacher, kind, tokens, targets, dtype):
    """Ten steps; the float32 run is transformers', the float64 one the plain functions'."""
    c = MODELS[name]
    inputs, labels = tokens[:-1].view(STEPS, BATCH, WINDOW), tokens[1:].view(STEPS, BATCH, WINDOW)
    if dtype == torch.float32:
        model, tutor = transformers_model(c, initial), transformers_model(MODELS["teacher"], teacher)
        weights = {key: value for key, value in model.named_parameters()}
        forward, teach = (lambda x: model(x).logits), (lambda x: tutor(x).logits)
    else:
        weights = {key: value.double().requires_grad_() for key, value in initial.items()}
        tutor = {key: value.double() for key, value in teacher.items()}
        forward = lambda x: truth(c, weights, x)
        teach = lambda x: truth(MODELS["teacher"], tutor, x)
    assert list(weights) and set(weights) == set(shapes(c))
    weights = {key: weights[key] for key in shapes(c)}
    groups = [
        {"params": [w for w in weights.values() if w.dim() == 2], "weight_decay": DECAY},
        {"params": [w for w in weights.values() if w.dim() == 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=PEAK, betas=BETAS, eps=EPSILON, foreach=False)
    result = {"losses": [], "norms": []}
    for step in range(STEPS):
        optimiser.zero_grad()
        logits = forward(inputs[step])
        rows = slice(step * BATCH * WINDOW, (step + 1) * BATCH * WINDOW)
        if kind == "fullkd":
            with torch.no_grad():
                target = teach(inputs[step]).softmax(-1).reshape(BATCH * WINDOW, -1)
        else:
            target = targets[kind][rows] if kind in targets else None
        loss = loss_of(kind, logits, labels[step], target)
        loss.backward()
        norm = torch.sqrt(sum((w.grad.double() ** 2).sum() for w in weights.values())).item()
        if step == 0:
            result["logits"] = logits.detach().reshape(BATCH * WINDOW, -1).clone()
            result["gradients"] = {key: w.grad.clone() for key, w in weights.items()}
        for w in weights.values():
            w.grad.mul_(min(1.0, CLIP / norm))
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step)
        optimiser.step()
        result["losses"].append(loss.item())
        result["norms"].append(norm)
    result["final"] = {key: w.detach().clone() for key, w in weights.items()}
    return result


def summary(x):
    x = x.double().flatten()
    return {"norm": x.norm().item(), "probe": (x * torch.cos(torch.arange(len(x)).double())).sum().item()}


def relative(a, b):
    """Largest difference over the largest magnitude."""
    a, b = (torch.as_tensor(z, dtype=torch.float64) for z in (a, b))
    return ((a - b).abs().max() / b.abs().max()).item()


def write(tensors, path, metadata):
    save_file(tensors, path, metadata)
    path.chmod(0o644)


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    versions = {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "safetensors": safetensors.__version__,
        "numpy": numpy.__version__,
    }
    metadata = {"format": "pt"} | versions
    weights = {
        "grouped": initial_weights(MODELS["grouped"], 11, 0.2),
        "plain": initial_weights(MODELS["plain"], 12, 0.5),
        "teacher": initial_weights(MODELS["teacher"], 13, 0.6),
    }
    for name, c in MODELS.items():
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        (folder / "config.json").write_text(json.dumps(c, indent=2) + "\n")
        write(weights[name], folder / "model.safetensors", metadata)
        loaded = transformers.LlamaForCausalLM.from_pretrained(folder)
        assert all(torch.equal(loaded.state_dict()[key], w) for key, w in weights[name].items())
    data, rskd, topk = make_data(weights["teacher"])
    write(data, HERE / "data.safetensors", metadata)
    tokens, targets = data["tokens"].long(), {"rskd": rskd, "topk": topk}

    document = {
        "versions": versions,
        "batch": BATCH, "window": WINDOW, "steps": STEPS, "rounds": ROUNDS, "top": TOP,
        "peak": PEAK, "floor_share": 0.1, "warmup": WARMUP, "betas": BETAS, "epsilon": EPSILON,
        "decay": DECAY, "clip": CLIP,
        "learning_rates": [learning_rate(step) for step in range(STEPS)],
        "runs": {},
    }
    drift = {"losses": 0.0, "gradients": 0.0, "logits": 0.0, "finals": 0.0}
    for name in ("grouped", "plain"):
        stored, document["runs"][name] = {}, {}
        for kind in LOSSES:
            judged, exact = (
                run(name, weights[name], weights["teacher"], kind, tokens, targets, dtype)
                for dtype in (torch.float32, torch.float64)
            )
            errors = {
                key: relative(judged["gradients"][key], g) for key, g in exact["gradients"].items()
            }
            document["runs"][name][kind] = {
                "losses": exact["losses"],
                "losses_float32": judged["losses"],
                "gradient_norms": exact["norms"],
                "gradients": {
                    key: summary(g) | {"float32_error": errors[key]}
                    for key, g in exact["gradients"].items()
                },
                "changes": {
                    key: summary(w - weights[name][key].double()) for key, w in exact["final"].items()
                },
            }
            drift["losses"] = max(drift["losses"], relative(judged["losses"], exact["losses"]))
            drift["gradients"] = max(drift["gradients"], *errors.values())
            drift["logits"] = max(drift["logits"], relative(judged["logits"], exact["logits"]))
            drift["finals"] = max(
                drift["finals"],
                *(relative(judged["final"][key], w) for key, w in exact["final"].items()),
            )
            stored["logits"] = exact["logits"].float()
            if kind in STORED_GRADIENTS[name]:
                stored |= {
                    f"gradients.{kind}.{key}": g.float() for key, g in exact["gradients"].items()
                }
            print(name, kind, *(f"{x:.4f}" for x in exact["losses"]))
            print("  norms", *(f"{x:.3f}" for x in exact["norms"]))
        write(stored, HERE / f"{name}.safetensors", metadata)
    assert drift["losses"] < 1e-5 and drift["gradients"] < 1e-5 and drift["logits"] < 1e-5, drift
    assert drift["finals"] < 1e-3, drift
    document["drift"] = drift
    print("drift", drift, "mass", topk.sum(1).min().item(), topk.sum(1).max().item(),
          "unique", data["sample_lengths"].min().item(), data["sample_lengths"].max().item())
    (HERE / "reference.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
