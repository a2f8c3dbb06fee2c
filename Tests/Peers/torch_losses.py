"""PyTorch's cost of the losses beside Reflux's, in one run.

    python torch_losses.py [--reflux PATH] [--threads 1] [--vocabulary 32768 131072]

Needs: pip install torch==2.13.0 (a C++ compiler for torch.compile). Not run by the tests.

For each vocabulary: 512 rows of float32 logits, forward and backward, the median of nine runs,
eager and compiled, then `reflux bench kernels` on the same sizes, and the ratios.
"""

import argparse
import json
import statistics
import subprocess
import time

import torch
import torch.nn.functional as F

ROWS, IDS = 512, 12


def median_ms(logits, step, runs=9):
    step()
    times = []
    for _ in range(runs):
        logits.grad = None
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def torch_figures(vocabulary):
    torch.manual_seed(0)
    logits = torch.randn(ROWS, vocabulary, requires_grad=True)
    labels = torch.randint(0, vocabulary, (ROWS,))
    ids = torch.randint(0, vocabulary, (ROWS, IDS))
    weights = torch.full((ROWS, IDS), 1 / IDS)
    losses = {
        "ce": lambda x: F.cross_entropy(x, labels),
        "sparse_kl": lambda x: -(weights * F.log_softmax(x, -1).gather(-1, ids)).sum(-1).mean(),
    }
    figures = {}
    for name, loss in losses.items():
        figures[name, "eager"] = median_ms(logits, lambda: loss(logits).backward())
        compiled = torch.compile(loss, dynamic=False)
        figures[name, "compiled"] = median_ms(logits, lambda: compiled(logits).backward())
    return figures


def reflux_figures(path, vocabulary, threads):
    command = [path, "bench", "kernels", "--json", "--quiet", "--width", "0", "--rows", str(ROWS)]
    command += ["--vocabulary", str(vocabulary), "--threads", str(threads), "--ids", str(IDS)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    rows = [json.loads(line) for line in lines]
    return {row["bench"]: row["median_ms"] for row in rows if row["dtype"] == "float32"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--reflux", default=".build/release/reflux")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--vocabulary", type=int, nargs="*", default=[32768, 131072])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"torch {torch.__version__}, {ROWS} rows, float32, threads {options.threads}; ms")
    for vocabulary in options.vocabulary:
        ours = reflux_figures(options.reflux, vocabulary, options.threads)
        theirs = torch_figures(vocabulary)
        print(f"V {vocabulary}: memcpy {ours['memcpy']:.2f}")
        for (name, mode), milliseconds in theirs.items():
            ratio = milliseconds / ours[name]
            print(
                f"V {vocabulary}: {name}: reflux {ours[name]:.2f}, "
                f"torch {mode} {milliseconds:.2f}, ratio {ratio:.1f}"
            )


if __name__ == "__main__":
    main()
