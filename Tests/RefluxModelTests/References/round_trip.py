#!/usr/bin/env python3
"""Take a model of each family through the command and back into transformers: same logits.

    python3 round_trip.py REFLUX [FAMILY ...]       # REFLUX: the built program

For each folder beside this script: transformers loads the model and saves it again, in shards
where it is a Llama; `reflux` trains it for some steps on tokens drawn at random, caches its whole
distribution (topk over all ids) and evaluates it; transformers loads what was trained, and its
log-probabilities and loss must be those of reflux. GPT-2 and Qwen 3 are saved as bfloat16 too.
Exits with 1 where they differ. Needs torch, transformers, safetensors and numpy.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import torch
import transformers

HERE = Path(__file__).resolve().parent
WINDOW, WINDOWS, IDS = 16, 12, 53
TOLERANCE = 1e-4


def load(folder):
    return transformers.AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager").eval()


def distribution(reflux, model, tokens, store):
    """Log-probabilities [tokens, ids] by `reflux cache` and `reflux cat`."""
    reflux("cache", "--teacher", model, "--tokens", tokens, "--output", store, "--estimator", "topk",
           "--rounds", IDS, "--context", WINDOW, "--precision", "float32", "--quiet")
    rows = reflux("cat", store, "--records", f"0..<{WINDOW * WINDOWS}", "--json").splitlines()
    result = numpy.full((len(rows), IDS), -numpy.inf)
    for place, row in enumerate(map(json.loads, rows)):
        result[place, row["ids"]] = numpy.log(row["weights"])
    return result


def check(reflux, family, folder):
    source, ids = load(HERE / family), folder / "ids.npy"
    shards = {"max_shard_size": "20KB"} if source.config.model_type == "llama" else {}
    source.save_pretrained(folder / "source", **shards)
    generator = torch.Generator().manual_seed(5)
    tokens = torch.randint(0, IDS, (WINDOW * WINDOWS + 1,), generator=generator)
    numpy.save(ids, tokens.numpy().astype("uint16"))
    reflux("import", "npy", ids, "--output", folder / "tokens.rfx", "--vocabulary", IDS, "--quiet")
    formats = ["float32"] + (["bfloat16"] if family in ("gpt2", "qwen3") else [])
    for weights in formats:
        student = folder / f"student-{weights}"
        reflux("train", "--student", folder / "source", "--tokens", folder / "tokens.rfx", "--loss", "ce",
               "--output", student, "--steps", 3, "--batch", 4, "--window", WINDOW, "--precision",
               "float32", "--learning-rate", 1e-3, "--weight-format", weights, "--quiet")
        found = distribution(reflux, student, folder / "tokens.rfx", folder / f"{weights}.rfx")
        report = json.loads(reflux("evaluate", "--model", student, "--tokens", folder / "tokens.rfx",
                                   "--context", WINDOW, "--precision", "float32", "--json"))
        model = load(student)
        changed = max((a - b).abs().max().item() for a, b in zip(model.parameters(), source.parameters()))
        with torch.no_grad():
            logits = model(tokens[:-1].view(WINDOWS, WINDOW)).logits.reshape(-1, IDS)
        exact = logits.double().log_softmax(-1)
        loss = -exact.gather(1, tokens[1:, None]).mean().item()
        error = numpy.abs(found - exact.numpy()).max() / logits.abs().max().item()
        drift = abs(report["lm_loss"] - loss) / loss
        good = error < TOLERANCE and drift < TOLERANCE and changed > 1e-3
        print(f"{family:13} {weights:9} logits {error:.1e}  loss {loss:.5f} {drift:.1e}  trained by "
              f"{changed:.4f}  {'ok' if good else 'DIFFERS'}")
        if not good:
            return False
    return True


def main():
    program = sys.argv[1]
    families = sys.argv[2:] or sorted(p.parent.name for p in HERE.glob("*/config.json"))

    def reflux(*arguments):
        run = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"{' '.join(map(str, arguments))}\n{run.stderr}")
        return run.stdout

    with tempfile.TemporaryDirectory() as folder:
        results = []
        for family in families:
            (Path(folder) / family).mkdir()
            results.append(check(reflux, family, Path(folder) / family))
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
