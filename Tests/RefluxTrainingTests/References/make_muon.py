#!/usr/bin/env python3
"""Make muon.safetensors: what torch's own optimisers make of two tiny models in four steps.

    python3 make_muon.py            # writes the file beside this script

Needs torch 2.9 or newer (torch.optim.Muon) and numpy.

Models: `mistral` and `gpt2` of Tests/RefluxModelTests/References: tall, wide and square matrices, some
of them stored as inputs x outputs, queries, keys and values in one tensor, own head and tied head.

Every step (n = 1...4) has made-up gradients: element i of the tensor that is number k of the model's
sorted names is (x >> 40) / 2^24 - 1/2 with x the output i of SplitMix64 seeded with 1000 n + k. They
are clipped together to a norm of 1, the rate is n / 100, the decay 0.1.

The matrices of the layers go to torch.optim.Muon(adjust_lr_fn="match_rms_adamw"), the three parts of
c_attn each by itself; everything else to torch.optim.AdamW(betas=(0.9, 0.95), eps=1e-8), gains and
biases without decay. Weights, gradients and all arithmetic are float64: torch.optim.Muon rounds to
bfloat16 in its iteration, which is taken from it for that run. Stored are

    MODEL.TENSOR           the weights after four steps, rounded to float32
    drift.MODEL.TENSOR     F32 [1], for matrices of the layers: how far torch's run with its own
                           bfloat16 is off at most
"""

import json
import struct
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent.parent / "RefluxModelTests" / "References"
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
TRUE_BFLOAT16 = torch.Tensor.bfloat16


def read(path):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in sorted(header.items()):
        start, end = (8 + size + offset for offset in entry["data_offsets"])
        values = np.frombuffer(data[start:end], dtype="<f4").astype(np.float64)
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]).copy())
    return tensors


def write(path, tensors):
    header, payload = {}, b""
    for name, values in sorted(tensors.items()):
        data = np.ascontiguousarray(values, dtype="<f4").tobytes()
        header[name] = {
            "dtype": "F32", "shape": list(values.shape),
            "data_offsets": [len(payload), len(payload) + len(data)],
        }
        payload += data
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + payload)


def gradient(step, number, shape):
    with np.errstate(over="ignore"):
        count = np.arange(1, np.prod(shape) + 1, dtype=np.uint64)
        x = np.uint64(1000 * step + number) + count * GOLDEN
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        x ^= x >> np.uint64(31)
    values = (x >> np.uint64(40)).astype(np.float64) / 2**24 - 0.5
    return torch.from_numpy(values.reshape(shape))


def is_hidden(name, values):
    return values.ndim == 2 and (".layers." in name or ".h." in name)


def parts(name, values):
    return values.chunk(3, dim=1) if "c_attn" in name else (values,)


def run(weights, rounds):
    """Four steps; with `rounds` Muon's iteration is in bfloat16 as torch has it."""
    torch.Tensor.bfloat16 = TRUE_BFLOAT16 if rounds else lambda self: self.clone()
    weights = {name: values.clone() for name, values in weights.items()}
    # Optimisers update leaves: parts of a tensor are leaves of their own until the end.
    leaves = {
        name: [torch.nn.Parameter(part.clone()) for part in
               (parts(name, values) if is_hidden(name, values) else (values,))]
        for name, values in weights.items()
    }
    hidden = [p for name in leaves if is_hidden(name, weights[name]) for p in leaves[name]]
    others = [name for name in leaves if not is_hidden(name, weights[name])]
    muon = torch.optim.Muon(
        hidden, lr=1.0, weight_decay=0.1, momentum=0.95, nesterov=True,
        adjust_lr_fn="match_rms_adamw")
    adam = torch.optim.AdamW(
        [{"params": [p for n in others if weights[n].ndim == 2 for p in leaves[n]],
          "weight_decay": 0.1},
         {"params": [p for n in others if weights[n].ndim == 1 for p in leaves[n]],
          "weight_decay": 0.0}],
        lr=1.0, betas=(0.9, 0.95), eps=1e-8)
    for step in range(1, 5):
        gradients = {
            name: gradient(step, number, tuple(weights[name].shape))
            for number, name in enumerate(sorted(weights))
        }
        norm = torch.sqrt(sum((g * g).sum() for g in gradients.values()))
        for name, values in gradients.items():
            values /= norm
            pieces = parts(name, values) if is_hidden(name, values) else (values,)
            for leaf, piece in zip(leaves[name], pieces):
                leaf.grad = piece.clone()
        for optimizer in (muon, adam):
            for group in optimizer.param_groups:
                group["lr"] = step / 100
            optimizer.step()
    torch.Tensor.bfloat16 = TRUE_BFLOAT16
    return {name: torch.cat([p.detach() for p in leaf], dim=1 if len(leaf) > 1 else 0)
            for name, leaf in leaves.items()}


def main():
    results = {}
    for model in ("mistral", "gpt2"):
        weights = read(MODELS / model / "model.safetensors")
        exact, rounded = run(weights, rounds=False), run(weights, rounds=True)
        for name, values in exact.items():
            assert values.dtype == torch.float64 and values.shape == weights[name].shape
            results[f"{model}.{name}"] = values.numpy()
            drift = (rounded[name] - values).abs().max().item()
            # Only what Muon updates differs between the two runs.
            assert (drift > 0) == is_hidden(name, values), (name, drift)
            if drift > 0:
                results[f"drift.{model}.{name}"] = np.array([drift])
    write(HERE / "muon.safetensors", results)


main()
