"""`reflux evaluate` beside an independent calculation with PyTorch and transformers.

    python torch_evaluate.py --model MODEL --tokens STORE [--teacher MODEL] [--samples STORE]
        [--context L] [--packing windows|documents|best-fit] [--reflux PATH] [--json FILE]

Needs: pip install torch==2.13.0 transformers==4.57.6 numpy==2.4.6. Not run by the tests, which have
figures that it wrote: Tests/RefluxTrainingTests/References/make_packed.sh.

Stores are read by Formats/Store/reference.py. Every run of tokens that a position can see is read
by the model on its own, from its first token on: no masks, no packed windows, no padding.

    windows    records w L ..< (w + 1) L; the last run is what is left
    documents  the same, cut where a document starts; a label of another document does not count
    best-fit   documents cut into pieces of L, and one of the rest; labels as with documents

Without --context and --packing those of the samples' header are taken, else 256 and windows.
With --reflux the command is run on the same files, in float32; exit status 1 if a figure differs.
"""

import argparse
import importlib.util
import json
import math
import pathlib
import subprocess
import sys
from collections import defaultdict

import numpy
import torch
import transformers

BINS = 15
TOLERANCE = {
    "tokens": 0, "lm_loss": 1e-4, "teacher_lm_loss": 1e-4, "lm_loss_gap": 1e-4, "perplexity": None,
    "sample_kl": 1e-4, "ece_percent": 0.02, "top_one_percent": 0.02, "acceptance_percent": 0.01,
    "top_one_agreement_percent": 0.02, "sample_acceptance_percent": 0.02,
    "sample_acceptance_lower_percent": 0.01, "sample_acceptance_upper_percent": 0.02,
}


def reference():
    path = pathlib.Path(__file__).resolve().parents[2] / "Formats/Store/reference.py"
    spec = importlib.util.spec_from_file_location("reference", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def runs(count, starts, context, packing):
    """The runs of records that are read on their own, and the records whose label counts."""
    grid, starts = set(range(0, count, context)), set(starts)
    if packing == "windows":
        cuts, last = grid, {count - 1}
    else:
        last = {start - 1 for start in starts} | {count - 1}
        cuts = grid | starts
        if packing == "best-fit":
            bounds = sorted(starts | {0, count})
            cuts = {
                record for start, end in zip(bounds, bounds[1:])
                for record in range(start, end, context)}
    bounds = sorted(cuts | {0, count})
    return list(zip(bounds, bounds[1:])), [record not in last for record in range(count)]


def log_probabilities(folder, tokens, texts):
    """A row for every record, in float64."""
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    rows, by_length = [None] * len(tokens), defaultdict(list)
    for start, end in texts:
        by_length[end - start].append(start)
    with torch.no_grad():
        for length, starts in sorted(by_length.items()):
            for first in range(0, len(starts), 64):
                part = starts[first:first + 64]
                ids = torch.tensor([tokens[start:start + length] for start in part])
                logits = model(input_ids=ids).logits.double()
                found = torch.log_softmax(logits, -1).numpy()
                for start, row in zip(part, found):
                    for place in range(length):
                        rows[start + place] = row[place]
    return rows


def expected_error(p, labels):
    best = [int(numpy.argmax(row)) for row in p]
    hits = [a == b for a, b in zip(best, labels)]
    sums = [0.0] * BINS
    for row, id, hit in zip(p, best, hits):
        confidence = math.exp(row[id])
        sums[min(int(confidence * BINS), BINS - 1)] += hit - confidence
    return 100 * sum(map(abs, sums)) / len(p), 100 * sum(hits) / len(p), best


def split_bound(counts, p, draws, judges):
    """p(T) + 1 - t(T), T by `judges` of the draws and t(T) by the others, over all choices."""
    whole, bound = math.comb(draws, judges), 1.0
    for id, count in counts.items():
        for x in range(1, min(count, judges) + 1):
            if judges - x > draws - count or x / judges < p[id]:
                continue
            ways = math.comb(count, x) * math.comb(draws - count, judges - x)
            bound += ways / whole * (p[id] - (count - x) / (draws - judges))
    return bound


def set_figures(samples, header, rows):
    """KL and acceptance from the sets of (record, log p) rows."""
    estimator, draws = header.texts.get("estimator", ""), header.rounds
    kl = lower = upper = half = value = 0.0
    for record, logs in rows:
        sample = samples[record]
        counted = "counts" in sample
        weights = [c / draws for c in sample["counts"]] if counted else sample["weights"]
        pairs = list(zip(sample["ids"], weights))
        p = {id: math.exp(logs[id]) for id, _ in pairs}
        kl += sum(w * (math.log(w) - logs[id]) for id, w in pairs if w > 0)
        least = sum(min(w, p[id]) for id, w in pairs)
        lower += least
        if estimator == "multinomial" and counted:
            counts = dict(zip(sample["ids"], sample["counts"]))
            upper += split_bound(counts, p, draws, draws - 1)
            half += split_bound(counts, p, draws, draws // 2)
        elif estimator in ("topk", "topp"):
            masses = sum(weights), sum(p.values())
            rest = max(0.0, 1 - max(masses))
            upper += least + rest
            value += least + rest * least / min(masses)
        else:
            upper = value = None
            break
    count = len(rows)
    bound = upper
    if upper is not None:
        upper = min(max(upper, lower), count)
    figures = {"sample_kl": kl / count, "sample_acceptance_lower_percent": 100 * lower / count}
    if estimator == "multinomial" and counted:
        value = bound - (half - bound) / (math.sqrt((draws - 1) / (draws // 2)) - 1)
        value = min(max(value, lower), upper)
    if upper is not None:
        figures["sample_acceptance_upper_percent"] = 100 * upper / count
        figures["sample_acceptance_percent"] = 100 * value / count
    return figures


def evaluate(options, module):
    stores = module.read(options.tokens)
    facts = module.describe(stores)
    tokens, starts = facts["tokens"], facts["documents"]
    sets, header = None, None
    if options.samples:
        found = module.read(options.samples)
        header = found[0].header
        sets = [sample for store in found for sample in store.samples]
    context = options.context or (header.context if header else 256)
    packing = options.packing or (header.texts.get("packing") if header else None) or "windows"
    texts, counts = runs(len(tokens), starts, context, packing)
    wanted = [record for record in range(len(tokens)) if counts[record]]
    labels = [tokens[record + 1] for record in wanted]
    student = log_probabilities(options.model, tokens, texts)
    p = [student[record] for record in wanted]
    figures = {"tokens": len(wanted)}
    figures["lm_loss"] = -sum(row[label] for row, label in zip(p, labels)) / len(p)
    figures["ece_percent"], figures["top_one_percent"], best = expected_error(p, labels)
    if options.teacher:
        teacher = log_probabilities(options.teacher, tokens, texts)
        t = [teacher[record] for record in wanted]
        loss = -sum(row[label] for row, label in zip(t, labels)) / len(t)
        figures |= {"teacher_lm_loss": loss, "lm_loss_gap": figures["lm_loss"] - loss}
        overlap = sum(numpy.exp(numpy.minimum(a, b)).sum() for a, b in zip(t, p))
        figures["acceptance_percent"] = 100 * float(overlap) / len(p)
        agreed = sum(int(numpy.argmax(row)) == id for row, id in zip(t, best))
        figures["top_one_agreement_percent"] = 100 * agreed / len(p)
    if sets:
        figures |= set_figures(sets, header, list(zip(wanted, p)))
    return {key: float(value) if key != "tokens" else value for key, value in figures.items()}


def reflux_figures(options):
    command = [options.reflux, "evaluate", "--model", options.model, "--tokens", options.tokens]
    for name in ("teacher", "samples", "context", "packing"):
        if getattr(options, name):
            command += ["--" + name, str(getattr(options, name))]
    command += ["--precision", "float32", "--json", "--quiet"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser()
    for name in ("model", "tokens", "teacher", "samples", "packing", "reflux", "json"):
        parser.add_argument("--" + name, required=name in ("model", "tokens"))
    parser.add_argument("--context", type=int)
    options = parser.parse_args()
    figures = evaluate(options, reference())
    versions = f"torch {torch.__version__}, transformers {transformers.__version__}"
    print(f"{versions}, numpy {numpy.__version__}")
    ours = reflux_figures(options) if options.reflux else {}
    wrong = 0
    for key, value in figures.items():
        line, found, tolerance = f"  {key:34} {value:.6f}", ours.get(key), TOLERANCE[key]
        if found is not None:
            line += f"  reflux {found:.6f}  difference {found - value:+.1e}"
            if tolerance is not None and abs(found - value) > tolerance:
                line, wrong = line + "  WRONG", 1
        print(line)
    if options.json:
        text = json.dumps({"versions": versions} | figures, indent=1)
        pathlib.Path(options.json).write_text(text + "\n")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
