#!/usr/bin/env python3
"""Make the files of logits in `foreign/` that `LogitsFile` is judged by.

    python3 make_logits.py           # writes the files beside this script

Needs numpy and safetensors. The logits are those of `teacher/` for the tokens of data.safetensors, in
windows of 12 that do not overlap, by plain functions in float64 (those of make_reference.py, on NumPy);
the script stops unless their top 12 are the ones that make_reference.py stored.

    logits-f16.npy, logits-f64.npy      [361, 67]
    logits-bf16.safetensors             logits [361, 67], BF16
    logprobs-f32.safetensors            logprobs [361, 67], F32
    top.safetensors                     ids I64, logprobs F32 [361, 12], descending
    top-sum.safetensors                 ids U16, logits F32 [361, 12], logsumexp F32 [361]
"""

import json
from pathlib import Path

import numpy
from safetensors.numpy import load_file, save_file

HERE = Path(__file__).resolve().parent
WINDOW, TOP = 12, 12


def read(path):
    return {name: value.astype(numpy.float64) for name, value in load_file(path).items()}


def logits_of(c, w, tokens):
    """Logits [length, ids] of one window."""
    heads, head, eps = c["num_attention_heads"], c["head_dim"], c["rms_norm_eps"]
    groups, length, half = c["num_key_value_heads"], len(tokens), c["head_dim"] // 2

    def normalised(x, gain):
        return gain * x / numpy.sqrt((x * x).mean(-1, keepdims=True) + eps)

    angle = numpy.arange(length)[:, None] * c["rope_theta"] ** (-numpy.arange(half) / half)
    cosine, sine = numpy.cos(angle)[:, None], numpy.sin(angle)[:, None]

    def rotated(x):
        a, b = x[..., :half], x[..., half:]
        return numpy.concatenate([a * cosine - b * sine, b * cosine + a * sine], -1)

    future = numpy.triu(numpy.ones((length, length), bool), 1)
    x = w["model.embed_tokens.weight"][tokens]
    for layer in range(c["num_hidden_layers"]):
        at = lambda name: w[f"model.layers.{layer}.{name}.weight"]
        y = normalised(x, at("input_layernorm"))
        q = rotated((y @ at("self_attn.q_proj").T).reshape(length, heads, head))
        k = rotated((y @ at("self_attn.k_proj").T).reshape(length, groups, head))
        v = (y @ at("self_attn.v_proj").T).reshape(length, groups, head)
        k, v = (numpy.repeat(z, heads // groups, 1) for z in (k, v))
        score = numpy.einsum("ihd,jhd->hij", q, k) / numpy.sqrt(head)
        score = numpy.where(future, -numpy.inf, score)
        share = numpy.exp(score - score.max(-1, keepdims=True))
        share /= share.sum(-1, keepdims=True)
        mixed = numpy.einsum("hij,jhd->ihd", share, v).reshape(length, heads * head)
        x = x + mixed @ at("self_attn.o_proj").T
        y = normalised(x, at("post_attention_layernorm"))
        gate = y @ at("mlp.gate_proj").T
        x = x + (gate / (1 + numpy.exp(-gate)) * (y @ at("mlp.up_proj").T)) @ at("mlp.down_proj").T
    x = normalised(x, w["model.norm.weight"])
    return x @ w.get("lm_head.weight", w["model.embed_tokens.weight"]).T


def write_bfloat16(array, path):
    """NumPy has no bfloat16: the file is laid out here."""
    bits = array.astype(numpy.float32).view(numpy.uint32)
    bits = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2")
    entry = {"dtype": "BF16", "shape": list(array.shape), "data_offsets": [0, bits.nbytes]}
    header = json.dumps({"logits": entry}).encode()
    header += b" " * (-len(header) % 8)
    path.write_bytes(len(header).to_bytes(8, "little") + header + bits.tobytes())


def main():
    c = json.loads((HERE / "teacher" / "config.json").read_text())
    weights, data = read(HERE / "teacher" / "model.safetensors"), load_file(HERE / "data.safetensors")
    tokens = data["tokens"]
    logits = numpy.concatenate(
        [logits_of(c, weights, tokens[i : i + WINDOW]) for i in range(0, len(tokens), WINDOW)])
    high = logits.max(-1, keepdims=True)
    total = numpy.log(numpy.exp(logits - high).sum(-1, keepdims=True)) + high
    logprobs = logits - total
    order = numpy.argsort(-logits, -1, kind="stable")[:, :TOP]
    assert numpy.array_equal(numpy.sort(order, -1), data["topk_ids"])
    stored = numpy.exp(numpy.take_along_axis(logprobs, numpy.sort(order, -1), -1))
    assert numpy.abs(stored - data["topk_weights"]).max() < 1e-6

    folder = HERE / "foreign"
    folder.mkdir(exist_ok=True)
    numpy.save(folder / "logits-f16.npy", logits.astype(numpy.float16))
    numpy.save(folder / "logits-f64.npy", logits)
    write_bfloat16(logits, folder / "logits-bf16.safetensors")
    f32 = lambda x: numpy.ascontiguousarray(x, numpy.float32)
    save_file({"logprobs": f32(logprobs)}, folder / "logprobs-f32.safetensors")
    top = lambda x: f32(numpy.take_along_axis(x, order, -1))
    save_file({"ids": order.astype(numpy.int64), "logprobs": top(logprobs)},
              folder / "top.safetensors")
    save_file({"ids": order.astype(numpy.uint16), "logits": top(logits), "logsumexp": f32(total[:, 0])},
              folder / "top-sum.safetensors")
    for path in folder.iterdir():
        path.chmod(0o644)


if __name__ == "__main__":
    main()
